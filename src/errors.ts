/** One fault of the input: where it is and what is wrong with it. */
export interface Fault {
  path: string;
  message: string;
}

/** An error that a client may see, answered as RFC 9457 `application/problem+json`. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly faults: Fault[];
  readonly headers: Record<string, string>;

  /**
   * @param status HTTP status, 400–599
   * @param detail one sentence that names the cure
   * @param faults the single faults of a bad input
   */
  constructor(status: number, detail: string, faults: Fault[] = [], headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.faults = faults;
    this.headers = headers;
  }
}

/** A command was called in a way that cannot work. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The problem document of an error (RFC 9457). */
export interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  errors?: Fault[];
  request_id?: string;
}

/** What the outside may know of an error: an `HttpError` as it is, anything else only its request id. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof HttpError) {
    return {
      type: 'about:blank',
      title: TITLES[error.status] ?? 'Error',
      status: error.status,
      detail: error.message,
      ...(error.faults.length > 0 && { errors: error.faults }),
    };
  }
  return {
    type: 'about:blank',
    title: TITLES[500]!,
    status: 500,
    detail: 'The service failed; its log has the cause under this request id.',
    request_id: requestId,
  };
}

/** The 400 of an input that does not fit its schema: the first fault in words, and all of them. */
export function badInput(faults: Fault[], what: string): HttpError {
  const [first] = faults;
  const detail = first ? `: ${first.path ? `${first.path}: ` : ''}${first.message}` : '';
  return new HttpError(400, `${what} is not valid${detail}`, faults);
}
