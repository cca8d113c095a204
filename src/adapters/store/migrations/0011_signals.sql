CREATE TABLE "signal_outcomes" (
	"signal_id" text NOT NULL,
	"minutes" integer NOT NULL,
	"at" bigint NOT NULL,
	"net_percent" numeric,
	"problem" text NOT NULL,
	CONSTRAINT "signal_outcomes_signal_id_minutes_pk" PRIMARY KEY("signal_id","minutes"),
	CONSTRAINT "signal_outcomes_known" CHECK (("signal_outcomes"."net_percent" is null) = ("signal_outcomes"."problem" <> ''))
);
--> statement-breakpoint
CREATE TABLE "signal_points" (
	"signal_id" text NOT NULL,
	"at" bigint NOT NULL,
	"entry_percent" numeric NOT NULL,
	"exit_percent" numeric NOT NULL,
	"net_percent" numeric NOT NULL,
	"max_size_quote" numeric NOT NULL,
	CONSTRAINT "signal_points_signal_id_at_pk" PRIMARY KEY("signal_id","at")
);
--> statement-breakpoint
CREATE TABLE "signals" (
	"id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"key" text NOT NULL,
	"scanner" text NOT NULL,
	"base" text NOT NULL,
	"venues" text[] NOT NULL,
	"state" text NOT NULL,
	"is_quarantined" boolean NOT NULL,
	"net_parts" bigint NOT NULL,
	"size_parts" bigint NOT NULL,
	"searched" text NOT NULL,
	"opened_at" bigint NOT NULL,
	"closed_at" bigint,
	"document" json NOT NULL,
	CONSTRAINT "signals_state" CHECK ("signals"."state" in ('open', 'closed')),
	CONSTRAINT "signals_over" CHECK (("signals"."state" = 'closed') = ("signals"."closed_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "signal_outcomes" ADD CONSTRAINT "signal_outcomes_signal_id_signals_id_fk" FOREIGN KEY ("signal_id") REFERENCES "public"."signals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_points" ADD CONSTRAINT "signal_points_signal_id_signals_id_fk" FOREIGN KEY ("signal_id") REFERENCES "public"."signals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "signals_by_time" ON "signals" USING btree ("opened_at","id");--> statement-breakpoint
CREATE INDEX "signals_by_net" ON "signals" USING btree ("net_parts","id");--> statement-breakpoint
CREATE INDEX "signals_by_size" ON "signals" USING btree ("size_parts","id");--> statement-breakpoint
CREATE INDEX "signals_open" ON "signals" USING btree ("scanner","opened_at") WHERE "signals"."state" = 'open';--> statement-breakpoint
CREATE INDEX "signals_closed" ON "signals" USING btree ("closed_at");