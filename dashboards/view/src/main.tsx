// Draws one board from /drawing.json and says in the page what is wrong with it.
import { createTheme } from '@grafana/data';
import { GlobalStyles, PortalContainer, ThemeContext } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { Board, complaints } from './board';
import { register } from './options';
import type { Drawing } from './types';

const SETTLED_MS = 1500; // charts are drawn a few frames after their data is there

function conclude(): void {
  const verdict = document.createElement('pre');
  verdict.id = 'verdict';
  verdict.hidden = true;
  verdict.textContent = JSON.stringify({ complaints, height: Math.ceil(document.getElementById('root')!.getBoundingClientRect().height) });
  document.body.append(verdict);
}

async function main(): Promise<void> {
  register();
  const [drawing] = await Promise.all([
    fetch('/drawing.json').then((answer) => answer.json() as Promise<Drawing>),
    document.fonts.load('400 14px "Inter"'),
    document.fonts.load('500 14px "Inter"'), // numbers are measured with it
  ]);
  window.addEventListener('error', (event) => complaints.push(event.message));
  const theme = createTheme({ colors: { mode: 'dark' } });
  createRoot(document.getElementById('root')!).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Board drawing={drawing} done={() => setTimeout(conclude, SETTLED_MS)} />
      <PortalContainer />
    </ThemeContext.Provider>,
  );
}

void main();
