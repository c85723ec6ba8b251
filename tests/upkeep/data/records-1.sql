PRAGMA application_id = 2003201394;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE definition (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    copy INTEGER NOT NULL REFERENCES definition_copy (seq),
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
INSERT INTO "definition" VALUES('hello',0,1);
CREATE TABLE definition_copy (
    seq INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;
INSERT INTO "definition_copy" VALUES(1,X'573861061AAD4854B99AEE2D4279BA54A277183B3635ECC5237AF966593312B4','{"id":"d","name":"hello","version":0,"created_at":1767225600000000,"manager":"","state_machine":{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},"default_tags":{}}');
CREATE TABLE state_resource (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    uri TEXT NOT NULL,
    type TEXT,
    last_updated INTEGER NOT NULL,
    PRIMARY KEY (namespace, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "state_resource" VALUES('n','r','u','ActivityARN',1767225600000000);
CREATE TABLE workflow (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    definition_name TEXT NOT NULL,
    definition_version INTEGER NOT NULL,
    definition INTEGER NOT NULL REFERENCES definition_copy (seq),
    namespace TEXT NOT NULL,
    status INTEGER NOT NULL,
    resolved_by_user INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    stopped_at INTEGER,
    queue TEXT NOT NULL,
    retry_for TEXT NOT NULL,
    retries TEXT NOT NULL,
    execution_arn TEXT NOT NULL,
    status_reason TEXT NOT NULL,
    tags TEXT NOT NULL,
    input TEXT NOT NULL,
    last_job BLOB,
    output TEXT NOT NULL
) STRICT;
INSERT INTO "workflow" VALUES(1,'w1','hello',0,1,'n',3,0,1767225600000000,1767225600000000,1767225600000000,'default','','[]','','','{"team":"docs"}','{"a": 1.10}',NULL,'"x"');
INSERT INTO "workflow" VALUES(2,'w2','hello',0,1,'n',0,0,1767225600000000,1767225600000000,NULL,'default','','[]','','','{}','{}',NULL,'');
CREATE TABLE workflow_jobs (
    seq INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
INSERT INTO "workflow_jobs" VALUES(1,X'5B7B226964223A226A222C227374617465223A2241222C2273746174655F74797065223A22222C22737461747573223A2263726561746564222C227374617475735F726561736F6E223A22222C22637265617465645F6174223A6E756C6C2C22737461727465645F6174223A6E756C6C2C2273746F707065645F6174223A6E756C6C2C22696E707574223A22222C226F7574707574223A22222C22636F6E7461696E6572223A22222C2273746174655F7265736F75726365223A6E756C6C2C22617474656D707473223A5B5D2C226E6573746564223A66616C73657D5D');
CREATE TABLE workflow_tag (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (name, value, created_at, id)
) STRICT, WITHOUT ROWID;
INSERT INTO "workflow_tag" VALUES('team','docs',1767225600000000,'w1',1);
CREATE INDEX workflow_of_definition
    ON workflow (definition_name, status, resolved_by_user, created_at, id);
CREATE INDEX workflow_of_namespace
    ON workflow (namespace, status, resolved_by_user, created_at, id);
CREATE INDEX workflow_of_definition_and_namespace
    ON workflow (definition_name, namespace, status, resolved_by_user, created_at, id);
CREATE INDEX workflow_of_any
    ON workflow (status, resolved_by_user, created_at, id);
CREATE INDEX workflow_tag_of_workflow ON workflow_tag (seq);
COMMIT;
