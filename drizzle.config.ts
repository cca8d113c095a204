/** Where the schema lies and where its migrations go; used by `npm run migration` only. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './src/adapters/store/schema/*.ts', out: './src/adapters/store/migrations' });
