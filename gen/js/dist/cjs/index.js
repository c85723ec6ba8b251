"use strict";
// A client of workflow-manager's REST API.
Object.defineProperty(exports, "__esModule", { value: true });
exports.RetryPolicies = exports.Errors = exports.VERSION = exports.Pages = exports.WorkflowManager = void 0;
const Errors = require("./errors.js");
exports.Errors = Errors;
const retries_js_1 = require("./retries.js");
var client_js_1 = require("./client.js");
Object.defineProperty(exports, "WorkflowManager", { enumerable: true, get: function () { return client_js_1.WorkflowManager; } });
var paging_js_1 = require("./paging.js");
Object.defineProperty(exports, "Pages", { enumerable: true, get: function () { return paging_js_1.Pages; } });
var version_js_1 = require("./version.js");
Object.defineProperty(exports, "VERSION", { enumerable: true, get: function () { return version_js_1.VERSION; } });
exports.RetryPolicies = { None: retries_js_1.None, Single: retries_js_1.Single, Exponential: retries_js_1.Exponential };
