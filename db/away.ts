/** SQL states and system errors of a connection that broke or never came: the server is down, going down, coming up, or out of reach. */
const AWAY = /^(08|57P|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** What `pg` says without a code, when a connection dies between two statements, while one waits, or before one is free. */
const AWAY_WITHOUT_CODE =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired)/;

/** Whether an error of the database means that it does not answer now; the same may pass a moment later. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? AWAY.test(code) : AWAY_WITHOUT_CODE.test(String(message));
}
