-- People on duty, what they are assigned to, and the days that change the week.

create table worker (
  id code primary key,
  name text not null check (name <> ''),
  role text not null check (role in ('chief', 'fulltime', 'parttime', 'police', 'judge', 'prosecutor', 'lawyer',
    'liaison', 'building', 'volunteer', 'social', 'other')),
  phone text,
  org text
);

create table category (
  code code primary key,
  name text not null check (name <> ''),
  parent code references category,
  hours_limit float8 check (hours_limit > 0 and hours_limit < 'infinity'),
  red_after_hours float8 not null default 24 check (red_after_hours >= 0 and red_after_hours < 'infinity'),
  constraint category_not_its_own_parent check (parent <> code)
);
comment on table category is 'Items of incidents; the parent of an item is its class';
create index category_parent on category (parent);

create table assignment (
  id bigint generated always as identity primary key,
  worker code not null references worker,
  net code not null default 'base',
  grid code not null,
  duty text not null check (duty in ('lead', 'member', 'backup')),
  category code references category,
  valid_from timestamptz check (isfinite(valid_from)),
  valid_to timestamptz check (isfinite(valid_to)),
  hours text check (octet_length(hours) <= 500 and hours ~ '^((24/7|((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( (0[1-9]|[12][0-9]|3[01])(-((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) )?(0[1-9]|[12][0-9]|3[01]))?|-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))?(:? +((Mo|Tu|We|Th|Fr|Sa|Su)(-(Mo|Tu|We|Th|Fr|Sa|Su))?|PH))?|((Mo|Tu|We|Th|Fr|Sa|Su)(-(Mo|Tu|We|Th|Fr|Sa|Su))?|PH))(:? +([01][0-9]|2[0-3]):[0-5][0-9]-(([0-3][0-9]|4[0-7]):[0-5][0-9]|48:00))?|([01][0-9]|2[0-3]):[0-5][0-9]-(([0-3][0-9]|4[0-7]):[0-5][0-9]|48:00))( +(open|off|closed))?|(open|off|closed))( *[,;] *((24/7|((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( (0[1-9]|[12][0-9]|3[01])(-((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) )?(0[1-9]|[12][0-9]|3[01]))?|-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))?(:? +((Mo|Tu|We|Th|Fr|Sa|Su)(-(Mo|Tu|We|Th|Fr|Sa|Su))?|PH))?|((Mo|Tu|We|Th|Fr|Sa|Su)(-(Mo|Tu|We|Th|Fr|Sa|Su))?|PH))(:? +([01][0-9]|2[0-3]):[0-5][0-9]-(([0-3][0-9]|4[0-7]):[0-5][0-9]|48:00))?|([01][0-9]|2[0-3]):[0-5][0-9]-(([0-3][0-9]|4[0-7]):[0-5][0-9]|48:00))( +(open|off|closed))?|(open|off|closed)))*$'),
  constraint assignment_grid_exists foreign key (net, grid) references grid_code deferrable initially immediate,
  constraint assignment_period check (valid_from < valid_to),
  constraint assignment_once unique nulls not distinct (worker, net, grid, duty, category, valid_from)
);
comment on column assignment.hours is 'OpenStreetMap opening_hours in TIMEZONE; null: always';
create index assignment_grid on assignment (net, grid);

create table holiday (
  date date primary key,
  name text,
  working boolean not null default false
);
comment on column holiday.working is 'A make-up working day on a weekend';

call log_changes_of('worker', 'workers', 'null', 'id', '');
call log_changes_of('category', 'categories', 'null', 'code', '');
call log_changes_of('assignment', 'assignments', 'null', 'id', '');
call log_changes_of('holiday', 'holidays', 'null', 'date', '');
