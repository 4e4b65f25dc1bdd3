import { cpSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Neither fonts nor icons are part of what a bundler follows: they are copied to where Grafana looks for them.
cpSync('node_modules/inter-ui/web', 'public/fonts/inter/web', { recursive: true });
cpSync('node_modules/inter-ui/inter.css', 'public/fonts/inter/inter.css');
cpSync('node_modules/@grafana/ui/dist/public/img', 'public/build/img', { recursive: true });

export default defineConfig({ plugins: [react()], build: { chunkSizeWarningLimit: 10_000 } });
