// Prometheus' and Tempo's answers as Grafana's data frames; in Grafana its server does this.
import { type DataFrame, type Field, FieldType, type Labels, createDataFrame } from '@grafana/data';
import type { Answer, Panel, Query } from './types';

type Series = { metric: Labels; values?: Array<[number, string]>; value?: [number, string] };

export function framesOf(panel: Panel, answers: Record<string, Answer>): DataFrame[] {
  const queries = panel.targets ?? [];
  const tables = queries.filter((query) => query.format === 'table').length;
  return queries.flatMap((query) => {
    const answer = answers[query.refId];
    if (answer.kind === 'tempo') {
      return [traces(answer.body.traces ?? [])];
    }
    const series: Series[] = answer.body.data.result;
    return query.format === 'table' ? [table(series, query, tables > 1)] : series.map((one) => frame(one, query));
  });
}

function frame(series: Series, query: Query): DataFrame {
  const samples = series.values ?? [series.value!];
  const { __name__: name, ...labels } = series.metric;
  const legend = legendOf(query, series.metric);
  return createDataFrame({
    refId: query.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: samples.map(([at]) => at * 1000), config: {} },
      {
        name: name ?? 'Value',
        type: FieldType.number,
        labels,
        values: samples.map(([, value]) => Number(value)),
        config: legend ? { displayNameFromDS: legend } : {},
      },
    ],
  });
}

function legendOf(query: Query, labels: Labels): string {
  if (query.legendFormat && query.legendFormat !== '__auto') {
    return query.legendFormat.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');
  }
  const told = Object.entries(labels).filter(([label]) => label !== '__name__');
  return told.length === 1 ? told[0][1] : '';
}

function table(series: Series[], query: Query, several: boolean): DataFrame {
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.metric)))].sort();
  const text = (label: string): Partial<Field> => ({
    name: label,
    type: FieldType.string,
    values: series.map((one) => one.metric[label] ?? ''),
    config: { filterable: true },
  });
  const samples = series.map((one) => one.value ?? one.values![one.values!.length - 1]);
  return createDataFrame({
    refId: query.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: samples.map(([at]) => at * 1000), config: {} },
      ...labels.map(text),
      {
        name: several ? `Value #${query.refId}` : 'Value',
        type: FieldType.number,
        values: samples.map(([, value]) => Number(value)),
        config: {},
      },
    ] as Field[],
  });
}

function traces(found: any[]): DataFrame {
  const column = (name: string, type: FieldType, read: (trace: any) => unknown, config = {}): Field =>
    ({ name, type, values: found.map(read), config }) as Field;
  return createDataFrame({
    fields: [
      column('Trace ID', FieldType.string, (one) => one.traceID),
      column('Start time', FieldType.time, (one) => Number(one.startTimeUnixNano) / 1e6),
      column('Service', FieldType.string, (one) => one.rootServiceName),
      column('Name', FieldType.string, (one) => one.rootTraceName),
      column('Duration', FieldType.number, (one) => one.durationMs ?? 0, { unit: 'ms' }),
    ],
  });
}
