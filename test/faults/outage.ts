/** A server that instances share is away for a while: how it goes, and how it comes back. */
export interface Outage<Server> {
  name: string;
  /** What is done to it, for the table. */
  how: string;
  away: (server: Server) => void | Promise<void>;
  back: (server: Server) => void | Promise<void>;
}
