// What can go wrong in a call.
//
// WorkflowManagerError
// ├─ InvalidRequest          nothing was sent: the request or the address cannot be sent
// ├─ ConnectionFailed        no answer came
// │  └─ TimedOut             … in time
// └─ ResponseError           .status .message .body
//    ├─ BadRequest           400
//    ├─ NotFound             404
//    ├─ Conflict             409
//    ├─ InternalError        500
//    └─ UnexpectedResponse   any other status, or a body that cannot be read
export class WorkflowManagerError extends Error {
    constructor(message, options) {
        super(message, options);
        this.name = new.target.name;
    }
}
/** Nothing was sent. */
export class InvalidRequest extends WorkflowManagerError {
}
/** No answer came; what was asked may have been done all the same. */
export class ConnectionFailed extends WorkflowManagerError {
}
/** No answer came in time; what was asked may have been done all the same. */
export class TimedOut extends ConnectionFailed {
}
/** The server's answer is not what was asked for. */
export class ResponseError extends WorkflowManagerError {
    status;
    /** The answer as it came. */
    body;
    constructor(status, body, message = messageOf(body)) {
        super(message);
        this.status = status;
        this.body = body;
    }
}
/** The request cannot be done as asked; the message says why. */
export class BadRequest extends ResponseError {
}
/** There is no such thing; the message is the missing key. */
export class NotFound extends ResponseError {
}
/** It exists already, was changed by someone else, or is already so. */
export class Conflict extends ResponseError {
}
/** The server, or something it depends on, failed. */
export class InternalError extends ResponseError {
}
/** A status that has no type of its own, or a body that cannot be read. */
export class UnexpectedResponse extends ResponseError {
}
const BY_STATUS = new Map([
    [400, BadRequest],
    [404, NotFound],
    [409, Conflict],
    [500, InternalError],
]);
export function errorFor(status, body) {
    return new (BY_STATUS.get(status) ?? UnexpectedResponse)(status, body);
}
/** What the server says in its error's JSON, else the whole body. */
function messageOf(body) {
    try {
        const { message = "" } = JSON.parse(body);
        return typeof message === "string" ? message : body;
    }
    catch {
        return body;
    }
}
