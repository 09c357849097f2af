-- Views of the build that stand as the project defines them are not made again by each build.
create table ops.build_view (
    name text primary key,
    project_hash text not null,
    stored_hash text not null
);
comment on table ops.build_view is
    'From which dbt project each view of analytics_build was last made (project_hash), and what PostgreSQL then stored of it (stored_hash).';
