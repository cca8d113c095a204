ALTER TABLE "run_positions" ADD COLUMN "symbol" text;--> statement-breakpoint
ALTER TABLE "run_reservations" ADD COLUMN "symbol" text;--> statement-breakpoint
UPDATE "run_positions" p SET "symbol" = (SELECT r."recipe" -> 'instrument' ->> 'symbol' FROM "runs" r WHERE r."id" = p."run_id");--> statement-breakpoint
UPDATE "run_reservations" p SET "symbol" = (SELECT r."recipe" -> 'instrument' ->> 'symbol' FROM "runs" r WHERE r."id" = p."run_id");--> statement-breakpoint
ALTER TABLE "run_positions" ALTER COLUMN "symbol" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "run_reservations" ALTER COLUMN "symbol" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "run_positions" DROP CONSTRAINT "run_positions_key";
--> statement-breakpoint
ALTER TABLE "run_positions" ADD CONSTRAINT "run_positions_key" PRIMARY KEY("run_id","symbol","asset");--> statement-breakpoint
ALTER TABLE "run_reservations" DROP CONSTRAINT "run_reservations_key";
--> statement-breakpoint
ALTER TABLE "run_reservations" ADD CONSTRAINT "run_reservations_key" PRIMARY KEY("run_id","symbol","asset");--> statement-breakpoint
CREATE VIEW "public"."run_legs" AS (
  select r.id as run_id, leg -> 'instrument' ->> 'symbol' as symbol, (leg -> 'limits' ->> 'leverage')::float8 as leverage, leg ->> 'marginMode' as margin_mode
  from runs r
  cross join lateral (select r.recipe as leg union all select value from json_array_elements(r.recipe -> 'otherLegs')) legs);