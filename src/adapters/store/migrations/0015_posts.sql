CREATE TABLE "post_deeds" (
	"result_id" text NOT NULL,
	"bot_id" text NOT NULL,
	"command" text NOT NULL,
	"outcome" text NOT NULL,
	"detail" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "post_deeds_pk" PRIMARY KEY("result_id","bot_id","command")
);
--> statement-breakpoint
CREATE TABLE "post_followers" (
	"source_id" text NOT NULL,
	"bot_id" text NOT NULL,
	CONSTRAINT "post_followers_pk" PRIMARY KEY("source_id","bot_id")
);
--> statement-breakpoint
CREATE TABLE "post_results" (
	"id" text PRIMARY KEY NOT NULL,
	"post_id" text NOT NULL,
	"user_id" text NOT NULL,
	"position" integer NOT NULL,
	"kind" text NOT NULL,
	"base" text,
	"event" json NOT NULL,
	"check" json,
	"check_at" bigint,
	"signal" json,
	"signal_state" text,
	"opened_at" bigint
);
--> statement-breakpoint
CREATE TABLE "post_sources" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"chat_id" text,
	"code_hash" text,
	"code_expires_at" bigint,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "posts" (
	"id" text PRIMARY KEY NOT NULL,
	"source_id" text NOT NULL,
	"user_id" text NOT NULL,
	"message_id" text NOT NULL,
	"edit" bigint NOT NULL,
	"text" text NOT NULL,
	"reply_to" text,
	"first_id" text NOT NULL,
	"is_withdrawn" boolean DEFAULT false NOT NULL,
	"posted_at" bigint NOT NULL,
	"received_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "post_deeds" ADD CONSTRAINT "post_deeds_result_id_post_results_id_fk" FOREIGN KEY ("result_id") REFERENCES "public"."post_results"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "post_followers" ADD CONSTRAINT "post_followers_source_id_post_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."post_sources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "post_followers" ADD CONSTRAINT "post_followers_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "post_results" ADD CONSTRAINT "post_results_post_id_posts_id_fk" FOREIGN KEY ("post_id") REFERENCES "public"."posts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "post_results" ADD CONSTRAINT "post_results_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "post_sources" ADD CONSTRAINT "post_sources_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_source_id_post_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."post_sources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "post_followers_bot" ON "post_followers" USING btree ("bot_id");--> statement-breakpoint
CREATE INDEX "post_results_post" ON "post_results" USING btree ("post_id","position");--> statement-breakpoint
CREATE INDEX "post_results_due" ON "post_results" USING btree ("check_at");--> statement-breakpoint
CREATE INDEX "post_results_signals" ON "post_results" USING btree ("user_id","opened_at","id");--> statement-breakpoint
CREATE INDEX "post_sources_user" ON "post_sources" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "post_sources_chat" ON "post_sources" USING btree ("chat_id");--> statement-breakpoint
CREATE UNIQUE INDEX "post_sources_code" ON "post_sources" USING btree ("code_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "posts_once" ON "posts" USING btree ("source_id","message_id","edit");--> statement-breakpoint
CREATE INDEX "posts_list" ON "posts" USING btree ("user_id","received_at","id");--> statement-breakpoint
CREATE INDEX "posts_of_source" ON "posts" USING btree ("source_id","received_at","id");--> statement-breakpoint
CREATE INDEX "posts_age" ON "posts" USING btree ("received_at");