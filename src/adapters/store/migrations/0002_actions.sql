CREATE TABLE "action_journal" (
	"order_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"event" json NOT NULL,
	"commands" json NOT NULL,
	CONSTRAINT "action_journal_key" PRIMARY KEY("order_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "order_actions" (
	"order_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"account_id" text NOT NULL,
	"rules" json NOT NULL,
	"plan" json NOT NULL,
	"state" json NOT NULL,
	"sequence" bigint DEFAULT 0 NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"called_off_at" bigint,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
DROP INDEX "facts_untold";--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "reduce_only" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "parent_order_id" text;--> statement-breakpoint
ALTER TABLE "exchange_accounts" ADD COLUMN "key_fingerprint" text;--> statement-breakpoint
ALTER TABLE "facts" ADD COLUMN "failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "facts" ADD COLUMN "problem" text;--> statement-breakpoint
ALTER TABLE "facts" ADD COLUMN "is_parked" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "action_journal" ADD CONSTRAINT "action_journal_order_id_order_actions_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."order_actions"("order_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_actions" ADD CONSTRAINT "order_actions_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_actions" ADD CONSTRAINT "order_actions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_actions" ADD CONSTRAINT "order_actions_account_id_exchange_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "order_actions_active" ON "order_actions" USING btree ("account_id") WHERE "order_actions"."is_active";--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_parent" FOREIGN KEY ("parent_order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "orders_of_parent" ON "orders" USING btree ("parent_order_id") WHERE "orders"."parent_order_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "exchange_accounts_key" ON "exchange_accounts" USING btree ("exchange","key_fingerprint") WHERE "exchange_accounts"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "facts_parked" ON "facts" USING btree ("id") WHERE "facts"."told_at" is null and "facts"."is_parked";--> statement-breakpoint
CREATE INDEX "facts_untold" ON "facts" USING btree ("id") WHERE "facts"."told_at" is null and not "facts"."is_parked";