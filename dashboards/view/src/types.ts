// What draw.py hands over: a board as it is committed, the range, and what each of its queries was answered.

export interface Query {
  refId: string;
  legendFormat?: string;
  instant?: boolean;
  format?: string;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  options: any;
  fieldConfig: { defaults: any; overrides: any[] };
  targets?: Query[];
  transformations?: any[];
}

export interface Answer {
  kind: 'prometheus' | 'tempo';
  body: any;
}

export interface Drawing {
  board: { title: string; panels: Panel[]; templating: { list: any[] } };
  from: number;
  to: number;
  chosen: Record<string, string>;
  answers: Record<string, Record<string, Answer>>;
}
