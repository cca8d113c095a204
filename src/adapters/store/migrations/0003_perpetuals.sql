CREATE TABLE "funding_payments" (
	"account_id" text NOT NULL,
	"symbol" text NOT NULL,
	"payment_id" text NOT NULL,
	"run_id" text NOT NULL,
	"asset" text NOT NULL,
	"amount" numeric NOT NULL,
	"rate" numeric,
	"at" bigint NOT NULL,
	CONSTRAINT "funding_payments_key" PRIMARY KEY("account_id","symbol","payment_id")
);
--> statement-breakpoint
CREATE TABLE "perpetual_positions" (
	"account_id" text NOT NULL,
	"symbol" text NOT NULL,
	"holder" text NOT NULL,
	"size" numeric NOT NULL,
	"entry_value" numeric NOT NULL,
	"realised" numeric NOT NULL,
	CONSTRAINT "perpetual_positions_key" PRIMARY KEY("account_id","symbol","holder")
);
--> statement-breakpoint
DROP VIEW "public"."fill_flows";--> statement-breakpoint
ALTER TABLE "funding_payments" ADD CONSTRAINT "funding_payments_account_id_exchange_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "funding_payments" ADD CONSTRAINT "funding_payments_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "perpetual_positions" ADD CONSTRAINT "perpetual_positions_account_id_exchange_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "funding_payments_of_run" ON "funding_payments" USING btree ("run_id","at");--> statement-breakpoint
CREATE VIEW "public"."fill_flows" AS (
  select f.id as fill_id, f.account_id, f.run_id, flow.asset, flow.amount
  from fills f
  cross join lateral (values
    (split_part(f.symbol, '/', 1), case when f.side = 'buy' then f.size else -f.size end, true),
    (split_part(f.symbol, '/', 2), case when f.side = 'buy' then -f.size * f.price else f.size * f.price end, true),
    (f.fee_asset, -f.fee_amount, false)
  ) as flow (asset, amount, is_exchanged)
  where not (flow.is_exchanged and f.symbol like '%:%'));