// A client of workflow-manager's REST API.
import * as Errors from "./errors.js";
import { Exponential, None, Single } from "./retries.js";
export { WorkflowManager } from "./client.js";
export { Pages } from "./paging.js";
export { VERSION } from "./version.js";
export { Errors };
export const RetryPolicies = { None, Single, Exponential };
