"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.UnexpectedResponse = exports.InternalError = exports.Conflict = exports.NotFound = exports.BadRequest = exports.ResponseError = exports.TimedOut = exports.ConnectionFailed = exports.InvalidRequest = exports.WorkflowManagerError = void 0;
exports.errorFor = errorFor;
class WorkflowManagerError extends Error {
    constructor(message, options) {
        super(message, options);
        this.name = new.target.name;
    }
}
exports.WorkflowManagerError = WorkflowManagerError;
/** Nothing was sent. */
class InvalidRequest extends WorkflowManagerError {
}
exports.InvalidRequest = InvalidRequest;
/** No answer came; what was asked may have been done all the same. */
class ConnectionFailed extends WorkflowManagerError {
}
exports.ConnectionFailed = ConnectionFailed;
/** No answer came in time; what was asked may have been done all the same. */
class TimedOut extends ConnectionFailed {
}
exports.TimedOut = TimedOut;
/** The server's answer is not what was asked for. */
class ResponseError extends WorkflowManagerError {
    status;
    /** The answer as it came. */
    body;
    constructor(status, body, message = messageOf(body)) {
        super(message);
        this.status = status;
        this.body = body;
    }
}
exports.ResponseError = ResponseError;
/** The request cannot be done as asked; the message says why. */
class BadRequest extends ResponseError {
}
exports.BadRequest = BadRequest;
/** There is no such thing; the message is the missing key. */
class NotFound extends ResponseError {
}
exports.NotFound = NotFound;
/** It exists already, was changed by someone else, or is already so. */
class Conflict extends ResponseError {
}
exports.Conflict = Conflict;
/** The server, or something it depends on, failed. */
class InternalError extends ResponseError {
}
exports.InternalError = InternalError;
/** A status that has no type of its own, or a body that cannot be read. */
class UnexpectedResponse extends ResponseError {
}
exports.UnexpectedResponse = UnexpectedResponse;
const BY_STATUS = new Map([
    [400, BadRequest],
    [404, NotFound],
    [409, Conflict],
    [500, InternalError],
]);
function errorFor(status, body) {
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
