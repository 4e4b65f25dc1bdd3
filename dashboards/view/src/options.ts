// Grafana's field options, registered as its panels register them; a key that nobody registers is dropped in silence by
// Grafana, so here it is a complaint.
import {
  FieldConfigOptionsRegistry,
  FieldType,
  type Field,
  type FieldConfigPropertyItem,
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  thresholdsOverrideProcessor,
} from '@grafana/data';
import type { Panel } from './types';

const ANY = (_: Field) => true;
const NUMBERS = (field: Field) => field.type === FieldType.number;

function item(path: string, process: any = identityOverrideProcessor, custom = false, shouldApply = ANY) {
  const id = custom ? `custom.${path}` : path;
  const none = () => null;
  return { id, path, name: path, isCustom: custom, process, shouldApply, editor: none, override: none } as unknown as FieldConfigPropertyItem;
}

const STANDARD = [
  item('displayName', displayNameOverrideProcessor),
  item('unit'),
  item('min', numberOverrideProcessor),
  item('max', numberOverrideProcessor),
  item('decimals', numberOverrideProcessor),
  item('noValue'),
  item('color'),
  item('thresholds', thresholdsOverrideProcessor),
  item('mappings'),
  item('links'),
];

const TIMESERIES = [
  'drawStyle', 'lineInterpolation', 'barAlignment', 'lineWidth', 'fillOpacity', 'gradientMode', 'spanNulls', 'insertNulls',
  'showPoints', 'pointSize', 'stacking', 'transform', 'axisPlacement', 'axisLabel', 'axisColorMode', 'axisBorderShow',
  'axisCenteredZero', 'scaleDistribution', 'hideFrom', 'thresholdsStyle', 'lineStyle',
];
const CUSTOM: Record<string, string[]> = {
  timeseries: TIMESERIES,
  table: ['align', 'cellOptions', 'filterable', 'inspect', 'width', 'minWidth', 'hidden'],
  stat: [],
  bargauge: [],
  text: [],
};
const OPTIONS: Record<string, string[]> = {
  timeseries: ['legend', 'tooltip'],
  table: ['cellHeight', 'showHeader', 'sortBy', 'footer'],
  stat: [
    'colorMode', 'graphMode', 'justifyMode', 'orientation', 'percentChangeColorMode', 'reduceOptions',
    'showPercentChange', 'textMode', 'wideLayout',
  ],
  bargauge: [
    'displayMode', 'legend', 'maxVizHeight', 'minVizHeight', 'minVizWidth', 'namePlacement', 'orientation',
    'reduceOptions', 'showUnfilled', 'sizing', 'valueMode',
  ],
  text: ['code', 'content', 'mode'],
};
const TRANSFORMATIONS = ['merge', 'organize', 'sortBy', 'limit', 'filterFieldsByName', 'reduce'];

export function register(): void {
  standardFieldConfigEditorRegistry.setInit(() => STANDARD as any);
  standardTransformersRegistry.setInit(() =>
    Object.values(standardTransformers)
      .filter((one: any) => TRANSFORMATIONS.includes(one.id))
      .map((one: any) => ({ id: one.id, name: one.name, transformation: () => Promise.resolve(one), editor: () => null, imageDark: '', imageLight: '' })),
  );
}

export function registryOf(type: string): FieldConfigOptionsRegistry {
  const applies = type === 'timeseries' ? NUMBERS : ANY;
  const custom = CUSTOM[type].map((path) => item(path, identityOverrideProcessor, true, applies));
  return new FieldConfigOptionsRegistry(() => [...STANDARD, ...custom]);
}

export function unknown(panel: Panel): string[] {
  const { type, fieldConfig, options, transformations } = panel;
  if (!(type in CUSTOM)) {
    return [`panel type ${type}`];
  }
  const known = [...STANDARD.map((one) => one.id), ...CUSTOM[type].map((key) => `custom.${key}`), 'custom'];
  const { custom, ...defaults } = fieldConfig.defaults;
  const keys = [
    ...Object.keys(defaults),
    ...Object.keys(custom ?? {}).map((key) => `custom.${key}`),
    ...fieldConfig.overrides.flatMap((rule) => rule.properties.map((property: any) => property.id)),
  ];
  return [
    ...keys.filter((key) => !known.includes(key)).map((key) => `field option ${key}`),
    ...Object.keys(options).filter((key) => !OPTIONS[type].includes(key)).map((key) => `option ${key}`),
    ...(transformations ?? []).filter((one) => !TRANSFORMATIONS.includes(one.id)).map((one) => `transformation ${one.id}`),
  ];
}
