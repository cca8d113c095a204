CREATE TABLE "order_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "order_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"order_id" text NOT NULL,
	"type" text NOT NULL,
	"at" bigint NOT NULL,
	"price" numeric,
	"size" numeric,
	"trade_id" text,
	"reason_code" text,
	"reason" text,
	"related_order_id" text,
	CONSTRAINT "order_events_type" CHECK ("order_events"."type" in ('requested', 'denied', 'submitting', 'accepted', 'fill', 'filled', 'cancel_requested', 'cancelled', 'expired', 'rejected', 'unknown', 'action')),
	CONSTRAINT "order_events_fill" CHECK (("order_events"."type" = 'fill') = ("order_events"."trade_id" is not null))
);
--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "idempotency_request" text;--> statement-breakpoint
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "order_events_of_order" ON "order_events" USING btree ("order_id","id");--> statement-breakpoint
CREATE INDEX "orders_wished_off" ON "orders" USING btree ("bot_id") WHERE "orders"."cancel_requested_at" is not null and "orders"."run_id" is not null and "orders"."state" not in ('denied', 'filled', 'rejected', 'cancelled', 'expired');--> statement-breakpoint
CREATE INDEX "orders_open" ON "orders" USING btree ("user_id","created_at","id") WHERE "orders"."state" not in ('denied', 'filled', 'rejected', 'cancelled', 'expired');--> statement-breakpoint
CREATE INDEX "orders_of_account" ON "orders" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE INDEX "orders_of_symbol" ON "orders" USING btree ("user_id","symbol","created_at","id");--> statement-breakpoint
CREATE INDEX "orders_client_order_id_search" ON "orders" USING btree ("user_id","client_order_id" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "orders_venue_order_id_search" ON "orders" USING btree ("user_id","venue_order_id" text_pattern_ops);