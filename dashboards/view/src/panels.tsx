// One drawing function a panel type, each with the component that Grafana publishes for it.
import {
  type DataFrame,
  type FieldDisplay,
  type TimeRange,
  VizOrientation,
  cacheFieldDisplayNames,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  renderTextPanelMarkdown,
} from '@grafana/data';
import { BarGauge, BigValue, TimeSeries, VizRepeater, useTheme2 } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import type { ReactElement } from 'react';
import type { Panel } from './types';

export interface Drawn {
  panel: Panel;
  frames: DataFrame[];
  range: TimeRange;
  width: number;
  height: number;
}

function values({ panel, frames }: Drawn, theme: any, sparkline: boolean): FieldDisplay[] {
  return getFieldDisplayValues({
    data: frames,
    fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions,
    replaceVariables: (text) => text,
    sparkline,
    theme,
    timeZone: 'utc',
  });
}

function Stat(drawn: Drawn) {
  const theme = useTheme2();
  const { options } = drawn.panel;
  return (
    <VizRepeater
      source={drawn.frames}
      getValues={() => values(drawn, theme, options.graphMode !== 'none')}
      getAlignmentFactors={getDisplayValueAlignmentFactors as any}
      renderValue={({ value, width, height, alignmentFactors, count }: any) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={options.textMode}
          alignmentFactors={alignmentFactors}
          count={count}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      width={drawn.width}
      height={drawn.height}
      orientation={VizOrientation.Auto}
      renderCounter={0}
      autoGrid
    />
  );
}

function Bars(drawn: Drawn) {
  const theme = useTheme2();
  const { options } = drawn.panel;
  return (
    <VizRepeater
      source={drawn.frames}
      getValues={() => values(drawn, theme, false)}
      getAlignmentFactors={getDisplayValueAlignmentFactors as any}
      renderValue={({ value, width, height, alignmentFactors, orientation }: any) => (
        <BarGauge
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex)}
          orientation={orientation}
          displayMode={options.displayMode}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
          showUnfilled={options.showUnfilled}
          alignmentFactors={alignmentFactors}
          width={width}
          height={height}
          theme={theme}
          itemSpacing={8}
          lcdCellWidth={12}
        />
      )}
      width={drawn.width}
      height={drawn.height}
      minVizWidth={options.minVizWidth}
      minVizHeight={options.minVizHeight}
      maxVizHeight={options.maxVizHeight}
      orientation={options.orientation}
      renderCounter={0}
    />
  );
}

function Lines({ panel, frames, range, width, height }: Drawn) {
  return (
    <TimeSeries frames={frames} timeRange={range} timeZone="utc" width={width} height={height} legend={panel.options.legend}>
      {() => null}
    </TimeSeries>
  );
}

function Table({ panel, frames, range, width, height }: Drawn) {
  cacheFieldDisplayNames(frames);
  return (
    <TableNG
      data={frames[0]}
      width={width}
      height={height}
      sortBy={panel.options.sortBy}
      noHeader={!panel.options.showHeader}
      cellHeight={panel.options.cellHeight}
      timeRange={range}
      fieldConfig={panel.fieldConfig}
      noValue={panel.fieldConfig.defaults.noValue}
      enableVirtualization={false}
    />
  );
}

function Text({ panel }: Drawn) {
  return <div className="markdown-html" dangerouslySetInnerHTML={{ __html: renderTextPanelMarkdown(panel.options.content) }} />;
}

export const PANELS: Record<string, (drawn: Drawn) => ReactElement> = {
  stat: Stat,
  bargauge: Bars,
  timeseries: Lines,
  table: Table,
  text: Text,
};
