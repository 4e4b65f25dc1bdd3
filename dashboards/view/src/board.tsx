// The grid: 24 columns, a row 30 pixels high with 8 between, as in Grafana.
import { type DataFrame, applyFieldOverrides, dateTime, transformDataFrame } from '@grafana/data';
import { PanelChrome, useTheme2 } from '@grafana/ui';
import { Component, type ReactNode, useEffect, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { framesOf } from './frames';
import { registryOf, unknown } from './options';
import { PANELS } from './panels';
import type { Drawing, Panel } from './types';

export const WIDTH = 1600;
const CELL = 30;
const GAP = 8;
const COLUMN = (WIDTH - GAP) / 24;

export const complaints: string[] = [];

function complain(panel: Panel, about: string): void {
  complaints.push(`${panel.title}: ${about}`);
}

class Boundary extends Component<{ panel: Panel; children: ReactNode }, { broken?: string }> {
  state: { broken?: string } = {};

  static getDerivedStateFromError(error: Error) {
    return { broken: String(error) };
  }

  componentDidCatch(error: Error) {
    complain(this.props.panel, `does not draw: ${error.message}`);
  }

  render() {
    return this.state.broken ?? this.props.children;
  }
}

function interpolate(text: string, chosen: Record<string, string>): string {
  return text.replace(/\$\{(\w+)(:\w+)?\}|\$(\w+)/g, (whole, name, _, bare) => chosen[name ?? bare] ?? whole);
}

async function prepared(panel: Panel, drawing: Drawing, theme: any): Promise<DataFrame[]> {
  const raw = framesOf(panel, drawing.answers[panel.id] ?? {});
  const shaped = await lastValueFrom(transformDataFrame(panel.transformations ?? [], raw));
  return applyFieldOverrides({
    data: shaped,
    fieldConfig: panel.fieldConfig,
    fieldConfigRegistry: registryOf(panel.type),
    replaceVariables: (text) => interpolate(text, drawing.chosen),
    theme,
    timeZone: 'utc',
  });
}

function isEmpty(frames: DataFrame[]): boolean {
  return frames.every((frame) => frame.length === 0);
}

function place({ gridPos: { x, y, w, h } }: Panel) {
  return {
    left: GAP + x * COLUMN,
    top: GAP + y * (CELL + GAP),
    width: w * COLUMN - GAP,
    height: h * CELL + (h - 1) * GAP,
  };
}

function Drawn({ panel, drawing, done }: { panel: Panel; drawing: Drawing; done: () => void }) {
  const theme = useTheme2();
  const [frames, setFrames] = useState<DataFrame[]>();
  const at = place(panel);
  useEffect(() => {
    unknown(panel).forEach((key) => complain(panel, `unknown ${key}`));
    prepared(panel, drawing, theme)
      .then((found) => {
        if (panel.type !== 'text' && isEmpty(found)) {
          complain(panel, 'no data');
        }
        setFrames(found);
      })
      .catch((error) => complain(panel, String(error)))
      .finally(done);
  }, []);
  const Kind = PANELS[panel.type];
  const range = { from: dateTime(drawing.from), to: dateTime(drawing.to), raw: { from: dateTime(drawing.from), to: dateTime(drawing.to) } };
  return (
    <div style={{ position: 'absolute', ...at }}>
      <PanelChrome width={at.width} height={at.height} title={panel.title} description={panel.description} padding="md">
        {(width, height) => (
          <Boundary panel={panel}>
            {frames && (isEmpty(frames) && panel.type !== 'text' ? (
              <div style={{ padding: 16, color: theme.colors.text.secondary }}>{panel.fieldConfig.defaults.noValue ?? 'No data'}</div>
            ) : (
              <Kind panel={panel} frames={frames} range={range} width={width} height={height} />
            ))}
          </Boundary>
        )}
      </PanelChrome>
    </div>
  );
}

function Row({ panel }: { panel: Panel }) {
  const theme = useTheme2();
  return <div style={{ position: 'absolute', ...place(panel), lineHeight: '30px', fontSize: 16, color: theme.colors.text.primary }}>⌄ {panel.title}</div>;
}

export function Board({ drawing, done }: { drawing: Drawing; done: () => void }) {
  const theme = useTheme2();
  const { panels, title, templating } = drawing.board;
  const height = Math.max(...panels.map((panel) => place(panel).top + place(panel).height)) + GAP;
  const left = { remaining: panels.filter((panel) => panel.type !== 'row').length };
  const one = () => --left.remaining === 0 && done();
  const shown = templating.list.filter((variable) => variable.hide !== 2);
  return (
    <div style={{ background: theme.colors.background.canvas, color: theme.colors.text.primary, width: WIDTH }}>
      <div style={{ padding: '12px 16px 4px', fontSize: 18 }}>
        {title}
        <span style={{ fontSize: 12, color: theme.colors.text.secondary, marginLeft: 16 }}>
          {shown.map((variable) => `${variable.label}: ${drawing.chosen[variable.name] ?? 'All'}`).join('   ·   ')}
        </span>
      </div>
      <div style={{ position: 'relative', height }} id="board">
        {panels.map((panel) =>
          panel.type === 'row' ? <Row key={panel.id} panel={panel} /> : <Drawn key={panel.id} panel={panel} drawing={drawing} done={one} />,
        )}
      </div>
    </div>
  );
}
