export declare class WorkflowManagerError extends Error {
    constructor(message: string, options?: ErrorOptions);
}
/** Nothing was sent. */
export declare class InvalidRequest extends WorkflowManagerError {
}
/** No answer came; what was asked may have been done all the same. */
export declare class ConnectionFailed extends WorkflowManagerError {
}
/** No answer came in time; what was asked may have been done all the same. */
export declare class TimedOut extends ConnectionFailed {
}
/** The server's answer is not what was asked for. */
export declare class ResponseError extends WorkflowManagerError {
    readonly status: number;
    /** The answer as it came. */
    readonly body: string;
    constructor(status: number, body: string, message?: string);
}
/** The request cannot be done as asked; the message says why. */
export declare class BadRequest extends ResponseError {
}
/** There is no such thing; the message is the missing key. */
export declare class NotFound extends ResponseError {
}
/** It exists already, was changed by someone else, or is already so. */
export declare class Conflict extends ResponseError {
}
/** The server, or something it depends on, failed. */
export declare class InternalError extends ResponseError {
}
/** A status that has no type of its own, or a body that cannot be read. */
export declare class UnexpectedResponse extends ResponseError {
}
export declare function errorFor(status: number, body: string): ResponseError;
