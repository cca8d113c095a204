CREATE TABLE "exchange_accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"number" integer GENERATED ALWAYS AS IDENTITY (sequence name "exchange_accounts_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"exchange" text NOT NULL,
	"sealed" text,
	"key_version" integer NOT NULL,
	"key_hint" text,
	"order_sequence" integer DEFAULT 0 NOT NULL,
	"created_at" bigint NOT NULL,
	"removed_at" bigint,
	CONSTRAINT "exchange_accounts_number_range" CHECK ("exchange_accounts"."number" < 1073741824),
	CONSTRAINT "exchange_accounts_removed" CHECK ("exchange_accounts"."removed_at" is null or "exchange_accounts"."sealed" is null)
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"number" integer NOT NULL,
	"has_owner" boolean DEFAULT false NOT NULL,
	CONSTRAINT "installation_is_only" CHECK ("installation"."is_only"),
	CONSTRAINT "installation_number" CHECK ("installation"."number" > 0 and "installation"."number" < 33554432)
);
--> statement-breakpoint
CREATE TABLE "kill_switches" (
	"user_id" text,
	"is_on" boolean NOT NULL,
	"reason" text NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "refresh_tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"family_id" text NOT NULL,
	"token_hash" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"role" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "users_role" CHECK ("users"."role" in ('owner', 'user'))
);
--> statement-breakpoint
CREATE TABLE "bot_configs" (
	"bot_id" text NOT NULL,
	"version" integer NOT NULL,
	"config" json NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "bot_configs_key" PRIMARY KEY("bot_id","version")
);
--> statement-breakpoint
CREATE TABLE "bots" (
	"id" text PRIMARY KEY NOT NULL,
	"number" integer GENERATED ALWAYS AS IDENTITY (sequence name "bots_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"user_id" text NOT NULL,
	"account_id" text NOT NULL,
	"name" text NOT NULL,
	"strategy" text NOT NULL,
	"symbol" text NOT NULL,
	"mode" text NOT NULL,
	"config_version" integer NOT NULL,
	"desired" text NOT NULL,
	"status" text NOT NULL,
	"status_reason" text NOT NULL,
	"run_id" text,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"removed_at" bigint,
	CONSTRAINT "bots_number_range" CHECK ("bots"."number" < 1073741824),
	CONSTRAINT "bots_mode" CHECK ("bots"."mode" in ('paper', 'live')),
	CONSTRAINT "bots_desired" CHECK ("bots"."desired" in ('running', 'paused', 'stopped', 'panicked')),
	CONSTRAINT "bots_status" CHECK ("bots"."status" in ('stopped', 'starting', 'running', 'pausing', 'paused', 'stopping', 'error'))
);
--> statement-breakpoint
CREATE TABLE "equity_points" (
	"run_id" text NOT NULL,
	"at" bigint NOT NULL,
	"profit" numeric NOT NULL,
	"price" numeric NOT NULL,
	CONSTRAINT "equity_points_key" PRIMARY KEY("run_id","at")
);
--> statement-breakpoint
CREATE TABLE "facts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "facts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dedupe_key" text NOT NULL,
	"user_id" text NOT NULL,
	"bot_id" text,
	"type" text NOT NULL,
	"data" json NOT NULL,
	"at" bigint NOT NULL,
	"claimed_until" timestamp with time zone,
	"told_at" bigint
);
--> statement-breakpoint
CREATE TABLE "fills" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "fills_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"order_id" text NOT NULL,
	"user_id" text NOT NULL,
	"account_id" text NOT NULL,
	"bot_id" text,
	"run_id" text,
	"client_order_id" text NOT NULL,
	"venue_order_id" text NOT NULL,
	"trade_id" text NOT NULL,
	"symbol" text NOT NULL,
	"side" text NOT NULL,
	"price" numeric NOT NULL,
	"size" numeric NOT NULL,
	"fee_asset" text NOT NULL,
	"fee_amount" numeric NOT NULL,
	"is_maker" boolean NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "fills_side" CHECK ("fills"."side" in ('buy', 'sell')),
	CONSTRAINT "fills_amounts" CHECK ("fills"."price" >= 0 and "fills"."size" > 0)
);
--> statement-breakpoint
CREATE TABLE "journal" (
	"run_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"event" json NOT NULL,
	"commands" json NOT NULL,
	CONSTRAINT "journal_key" PRIMARY KEY("run_id","sequence"),
	CONSTRAINT "journal_sequence" CHECK ("journal"."sequence" >= 1)
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"subject" text PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"epoch" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "leases_epoch" CHECK ("leases"."epoch" >= 1)
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"client_order_id" text NOT NULL,
	"user_id" text NOT NULL,
	"account_id" text NOT NULL,
	"bot_id" text,
	"run_id" text,
	"symbol" text NOT NULL,
	"side" text NOT NULL,
	"type" text NOT NULL,
	"time_in_force" text NOT NULL,
	"post_only" boolean NOT NULL,
	"price" numeric,
	"trigger_price" numeric,
	"size" numeric NOT NULL,
	"filled_size" numeric DEFAULT '0' NOT NULL,
	"filled_quote" numeric DEFAULT '0' NOT NULL,
	"state" text NOT NULL,
	"reason_code" text,
	"reason" text,
	"tag" text NOT NULL,
	"venue_order_id" text,
	"deadline_at" bigint,
	"cancel_requested_at" bigint,
	"idempotency_key" text,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "orders_side" CHECK ("orders"."side" in ('buy', 'sell')),
	CONSTRAINT "orders_type" CHECK ("orders"."type" in ('limit', 'market', 'stopLimit', 'stopMarket')),
	CONSTRAINT "orders_time_in_force" CHECK ("orders"."time_in_force" in ('gtc', 'ioc', 'fok')),
	CONSTRAINT "orders_state" CHECK ("orders"."state" in ('initialized', 'denied', 'submitting', 'accepted', 'partiallyFilled', 'filled', 'rejected', 'cancelling', 'cancelled', 'expired', 'unknown')),
	CONSTRAINT "orders_size" CHECK ("orders"."size" > 0 and "orders"."filled_size" >= 0),
	CONSTRAINT "orders_run" CHECK ("orders"."run_id" is null or "orders"."bot_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "run_positions" (
	"run_id" text NOT NULL,
	"asset" text NOT NULL,
	"amount" numeric NOT NULL,
	CONSTRAINT "run_positions_key" PRIMARY KEY("run_id","asset")
);
--> statement-breakpoint
CREATE TABLE "run_reservations" (
	"run_id" text NOT NULL,
	"asset" text NOT NULL,
	"amount" numeric NOT NULL,
	CONSTRAINT "run_reservations_key" PRIMARY KEY("run_id","asset"),
	CONSTRAINT "run_reservations_amount" CHECK ("run_reservations"."amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"bot_id" text NOT NULL,
	"account_id" text NOT NULL,
	"recipe" json NOT NULL,
	"sequence" bigint DEFAULT 0 NOT NULL,
	"state" json,
	"started_at" bigint NOT NULL,
	"ended_at" bigint,
	"end_reason" text,
	CONSTRAINT "runs_end" CHECK (("runs"."ended_at" is null) = ("runs"."end_reason" is null))
);
--> statement-breakpoint
ALTER TABLE "exchange_accounts" ADD CONSTRAINT "exchange_accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kill_switches" ADD CONSTRAINT "kill_switches_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bot_configs" ADD CONSTRAINT "bot_configs_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bots" ADD CONSTRAINT "bots_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bots" ADD CONSTRAINT "bots_account_id_exchange_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "equity_points" ADD CONSTRAINT "equity_points_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "facts" ADD CONSTRAINT "facts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "facts" ADD CONSTRAINT "facts_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fills" ADD CONSTRAINT "fills_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fills" ADD CONSTRAINT "fills_account" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "journal" ADD CONSTRAINT "journal_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_account_id_exchange_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_positions" ADD CONSTRAINT "run_positions_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_reservations" ADD CONSTRAINT "run_reservations_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_account_id_exchange_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "exchange_accounts_number" ON "exchange_accounts" USING btree ("number");--> statement-breakpoint
CREATE INDEX "exchange_accounts_list" ON "exchange_accounts" USING btree ("user_id","created_at","id") WHERE "exchange_accounts"."removed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "kill_switches_subject" ON "kill_switches" USING btree (coalesce("user_id", ''));--> statement-breakpoint
CREATE UNIQUE INDEX "refresh_tokens_hash" ON "refresh_tokens" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "refresh_tokens_family" ON "refresh_tokens" USING btree ("family_id");--> statement-breakpoint
CREATE INDEX "refresh_tokens_user" ON "refresh_tokens" USING btree ("user_id","expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "bots_number" ON "bots" USING btree ("number");--> statement-breakpoint
CREATE INDEX "bots_list" ON "bots" USING btree ("user_id","created_at","id") WHERE "bots"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "bots_of_account" ON "bots" USING btree ("account_id") WHERE "bots"."removed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "facts_dedupe_key" ON "facts" USING btree ("dedupe_key");--> statement-breakpoint
CREATE INDEX "facts_untold" ON "facts" USING btree ("id") WHERE "facts"."told_at" is null;--> statement-breakpoint
CREATE INDEX "facts_of_bot" ON "facts" USING btree ("bot_id","at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "fills_trade" ON "fills" USING btree ("account_id","symbol","trade_id");--> statement-breakpoint
CREATE INDEX "fills_of_order" ON "fills" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "fills_of_run" ON "fills" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "fills_of_bot" ON "fills" USING btree ("bot_id","at","id");--> statement-breakpoint
CREATE INDEX "fills_list" ON "fills" USING btree ("user_id","at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "orders_client_order_id" ON "orders" USING btree ("client_order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "orders_venue_order_id" ON "orders" USING btree ("account_id","symbol","venue_order_id") WHERE "orders"."venue_order_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "orders_idempotency_key" ON "orders" USING btree ("user_id","idempotency_key") WHERE "orders"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX "orders_alive" ON "orders" USING btree ("account_id","run_id","created_at") WHERE "orders"."state" not in ('denied', 'filled', 'rejected', 'cancelled', 'expired');--> statement-breakpoint
CREATE INDEX "orders_list" ON "orders" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "orders_of_bot" ON "orders" USING btree ("bot_id","created_at","id");--> statement-breakpoint
CREATE INDEX "orders_of_run" ON "orders" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "runs_of_bot" ON "runs" USING btree ("bot_id","started_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_open_of_bot" ON "runs" USING btree ("bot_id") WHERE "runs"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "runs_open_of_account" ON "runs" USING btree ("account_id") WHERE "runs"."ended_at" is null;--> statement-breakpoint
CREATE VIEW "public"."fill_flows" AS (
  select f.id as fill_id, f.account_id, f.run_id, flow.asset, flow.amount
  from fills f
  cross join lateral (values
    (split_part(f.symbol, '/', 1), case when f.side = 'buy' then f.size else -f.size end),
    (split_part(split_part(f.symbol, '/', 2), ':', 1), case when f.side = 'buy' then -f.size * f.price else f.size * f.price end),
    (f.fee_asset, -f.fee_amount)
  ) as flow (asset, amount));