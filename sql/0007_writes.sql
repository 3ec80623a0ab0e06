-- Answers of writes that came with an Idempotency-Key, so that a repeated one gets the first answer and writes nothing.

create table idempotency (
  key text collate "C" primary key check (octet_length(key) between 1 and 255),
  request text not null,
  status int not null,
  headers jsonb not null,
  body text,
  at timestamptz not null default clock_timestamp()
);
comment on column idempotency.request is 'SHA-256 of method, target and body: the same key must come with the same request';
create index idempotency_at on idempotency (at);
