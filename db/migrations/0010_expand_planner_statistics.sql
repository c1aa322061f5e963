-- One organisation may be nearly all there is in a table, and naming it must not look selective: statements are planned once per
-- connection, perhaps before the rows were ever counted, and would then read a whole organisation to find one row. For counts to come
-- (SET n_distinct) and until then (pg_restore_attribute_stats). A table that comes later says the same.

DO $$
DECLARE
  tenant_table record;
BEGIN
  FOR tenant_table IN
    SELECT c.relname, c.relkind = 'p' AS is_partitioned FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    EXECUTE format(
      'ALTER TABLE public.%I ALTER COLUMN organization_id SET (n_distinct = 2, n_distinct_inherited = 2)',
      tenant_table.relname
    );
    PERFORM pg_restore_attribute_stats(
      'schemaname', 'public', 'relname', tenant_table.relname::text, 'attname', 'organization_id',
      'inherited', tenant_table.is_partitioned, 'null_frac', 0::real, 'avg_width', 16, 'n_distinct', 2::real
    );
  END LOOP;
END $$;
