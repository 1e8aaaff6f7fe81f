/** A connection to PostgreSQL: encrypted if the server can, and given up when it turns out to be read-only. */
import type { ConnectionOptions } from 'node:tls';
import { Client, type ClientConfig, Connection } from 'pg';

/** What a client takes beside the driver's own options. */
export interface PostgresqlClientOptions extends ClientConfig {
  /** Whether a server that does not speak TLS is spoken to without. */
  takesPlain?: boolean;
}

// What node-postgres has and its types leave out.
interface ServerConnection extends Connection {
  connect: (port: number, host: string) => void;
  attachListeners: (stream: Connection['stream']) => void;
}
type Release = (error?: Error | boolean) => void;

const NO_TLS = 'N';
// The server tells when it becomes true or untrue of a session (PostgreSQL 14 or later).
const READ_ONLY_PARAMETERS = ['in_hot_standby', 'default_transaction_read_only'];
const READ_ONLY_TRANSACTION = '25006';

/** The driver's client; a pool makes its own with `{ Client: PostgresqlClient }`. */
export class PostgresqlClient extends Client {
  readonly #readOnlyBecauseOf = new Set<string>();
  #release: Release = () => {};

  constructor(options: PostgresqlClientOptions = {}) {
    const { takesPlain, ...config } = options;
    super(takesPlain && config.ssl ? { ...config, ...{ connection: new EitherConnection(config) } } : config);
    this.connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
      if (!READ_ONLY_PARAMETERS.includes(parameterName)) return;
      if (parameterValue === 'on') this.#readOnlyBecauseOf.add(parameterName);
      else this.#readOnlyBecauseOf.delete(parameterName);
    });
    this.connection.on('errorMessage', ({ code }) => {
      if (code === READ_ONLY_TRANSACTION) this.#readOnlyBecauseOf.add(code);
    });
  }

  /**
   * How the pool has it come back, set by the pool each time. A session that is read-only would stay so after
   * the server may be written again, and is ended instead.
   */
  set release(release: Release) {
    this.#release = (error) => release(error ?? this.#readOnlyBecauseOf.size > 0);
  }

  get release(): Release {
    return this.#release;
  }
}

/** Asks for TLS, and goes on without where the server says no, as libpq does; the driver would give up. */
class EitherConnection extends Connection {
  constructor(config: ClientConfig) {
    super({ ...config, ssl: config.ssl as ConnectionOptions });
  }

  connect(port: number, host: string): void {
    const parent = Connection.prototype as ServerConnection;
    parent.connect.call(this, port, host);
    const { stream } = this;
    // The driver waits for one byte, the server's answer.
    const [onAnswer] = stream.listeners('data') as ((answer: Buffer) => void)[];
    if (!onAnswer) return;
    stream.removeAllListeners('data');
    stream.once('data', (answer: Buffer) => {
      if (answer.toString() !== NO_TLS) return onAnswer(answer);
      (this as unknown as ServerConnection).attachListeners(stream);
      this.emit('sslconnect');
    });
  }
}
