"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.VERSION = void 0;
/** The version of `swagger.yml` that this package was made from. */
exports.VERSION = "0.17.0";
