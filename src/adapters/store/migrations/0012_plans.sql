CREATE TABLE "socket_tickets" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"family_id" text NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payment_events" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"user_id" text NOT NULL,
	"days" integer NOT NULL,
	"received_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "redeem_codes" (
	"id" text PRIMARY KEY NOT NULL,
	"code_hash" text NOT NULL,
	"days" integer NOT NULL,
	"note" text NOT NULL,
	"for_user_id" text,
	"valid_until" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"redeemed_by" text,
	"redeemed_at" bigint,
	"revoked_at" bigint,
	CONSTRAINT "redeem_codes_days" CHECK ("redeem_codes"."days" > 0),
	CONSTRAINT "redeem_codes_redeemed" CHECK (("redeem_codes"."redeemed_by" is null) = ("redeem_codes"."redeemed_at" is null))
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"user_id" text PRIMARY KEY NOT NULL,
	"plan" text NOT NULL,
	"source" text NOT NULL,
	"since" bigint NOT NULL,
	"expires_at" bigint,
	"changed_at" bigint NOT NULL,
	CONSTRAINT "subscriptions_plan" CHECK ("subscriptions"."plan" in ('free', 'vip')),
	CONSTRAINT "subscriptions_source" CHECK ("subscriptions"."source" in ('registration', 'grant', 'code', 'payment')),
	CONSTRAINT "subscriptions_end" CHECK ("subscriptions"."plan" <> 'free' or "subscriptions"."expires_at" is null)
);
--> statement-breakpoint
CREATE TABLE "market_quotes" (
	"id" bigint PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"symbol" text NOT NULL,
	"slug" text NOT NULL,
	"rank" integer,
	"price" numeric,
	"market_cap" numeric,
	"volume_24h" numeric,
	"change_1h" numeric,
	"change_24h" numeric,
	"change_7d" numeric,
	"circulating_supply" numeric,
	"chain" text,
	"contract" text,
	"updated_at" bigint NOT NULL,
	"synced_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quote_source" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"month" text NOT NULL,
	"credits_used" integer NOT NULL,
	"rest_until" bigint,
	"problem" text NOT NULL,
	"tried_at" bigint,
	"synced_at" bigint,
	CONSTRAINT "quote_source_is_only" CHECK ("quote_source"."is_only")
);
--> statement-breakpoint
CREATE TABLE "hidden_signals" (
	"user_id" text NOT NULL,
	"signal_id" text NOT NULL,
	"hidden_at" bigint NOT NULL,
	CONSTRAINT "hidden_signals_user_id_signal_id_pk" PRIMARY KEY("user_id","signal_id")
);
--> statement-breakpoint
CREATE TABLE "removed_signals" (
	"signal_id" text PRIMARY KEY NOT NULL,
	"removed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signal_choices" (
	"user_id" text PRIMARY KEY NOT NULL,
	"choices" json NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "socket_tickets" ADD CONSTRAINT "socket_tickets_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "redeem_codes" ADD CONSTRAINT "redeem_codes_for_user_id_users_id_fk" FOREIGN KEY ("for_user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hidden_signals" ADD CONSTRAINT "hidden_signals_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hidden_signals" ADD CONSTRAINT "hidden_signals_signal_id_signals_id_fk" FOREIGN KEY ("signal_id") REFERENCES "public"."signals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_choices" ADD CONSTRAINT "signal_choices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "socket_tickets_end" ON "socket_tickets" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "redeem_codes_hash" ON "redeem_codes" USING btree ("code_hash");--> statement-breakpoint
CREATE INDEX "redeem_codes_list" ON "redeem_codes" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "market_quotes_rank" ON "market_quotes" USING btree ("rank","id");--> statement-breakpoint
CREATE INDEX "hidden_signals_of_signal" ON "hidden_signals" USING btree ("signal_id");
--> statement-breakpoint
INSERT INTO "subscriptions" ("user_id", "plan", "source", "since", "expires_at", "changed_at") SELECT "id", 'free', 'registration', "created_at", NULL, "created_at" FROM "users";
