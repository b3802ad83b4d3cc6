/** A connection on which many statements are sent without waiting for the answers between them. */

export interface PipelineRow {
  [column: string]: unknown
}

export interface Pipeline {
  /** Sends one statement now; resolves with its rows when its own answer has arrived. */
  send(text: string, values?: readonly unknown[]): Promise<PipelineRow[]>
  /** Closes, cutting the connection where answers are outstanding, which rolls back; never throws. */
  close(): Promise<void>
}
