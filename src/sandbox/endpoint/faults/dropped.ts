/** Stands for an answer that never comes: the caller's connection is reset. */
export class ConnectionDropped extends Error {
  constructor() {
    super("The connection was dropped.");
    this.name = "ConnectionDropped";
  }
}
