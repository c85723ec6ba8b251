// How @hey-api/openapi-ts writes src/generated.  Input and output are named by ../generate.py.
export default {
  input: process.env.SPECIFICATION,
  output: { path: "src/generated", module: { extension: ".js" } },
  plugins: ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch"],
  logs: { level: "warn", file: false },
};
