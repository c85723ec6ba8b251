/** The version of `swagger.yml` that this package was made from. */
export const VERSION = "0.17.0";
