/** The part of JSON Schema that our own schemas use. Whatever else one would say is an error, so that nothing is passed by. */

type Schema = { readonly [key: string]: unknown };

const KNOWN = new Set([
  '$schema',
  'title',
  'description',
  'type',
  'required',
  'properties',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  'minimum',
  'maximum',
]);

/** Every place where the value does not follow the schema. */
export function schemaViolations(schema: Schema, value: unknown, where = '$'): string[] {
  for (const key of Object.keys(schema)) if (!KNOWN.has(key)) throw new Error(`unknown keyword ${key}`);
  const found: string[] = [];
  const { type, anyOf, items, minimum, maximum } = schema;
  if ('const' in schema && schema.const !== value)
    found.push(`${where} is not ${JSON.stringify(schema.const)}`);
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    found.push(`${where} is ${JSON.stringify(value)}, none of ${JSON.stringify(schema.enum)}`);
  if (type !== undefined && ![type].flat().some((one) => isOfType(value, String(one))))
    found.push(`${where} is ${JSON.stringify(value)}, not ${JSON.stringify(type)}`);
  if (Array.isArray(anyOf) && anyOf.every((one: Schema) => schemaViolations(one, value, where).length > 0))
    found.push(`${where} fits none of anyOf`);
  if (typeof value === 'number') {
    if (typeof minimum === 'number' && value < minimum) found.push(`${where} is below ${minimum}`);
    if (typeof maximum === 'number' && value > maximum) found.push(`${where} is above ${maximum}`);
  }
  if (Array.isArray(value) && items !== undefined)
    for (const [at, item] of value.entries())
      found.push(...schemaViolations(items as Schema, item, `${where}[${at}]`));
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    found.push(...objectViolations(schema, value as Record<string, unknown>, where));
  return found;
}

function objectViolations(schema: Schema, value: Record<string, unknown>, where: string): string[] {
  const { required, properties = {}, additionalProperties } = schema;
  const rows = properties as Record<string, Schema>;
  const found = (Array.isArray(required) ? required : [])
    .filter((key) => value[String(key)] === undefined)
    .map((key) => `${where}.${key} is absent`);
  for (const [key, item] of Object.entries(value)) {
    const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
    if (row !== undefined) found.push(...schemaViolations(row, item, `${where}.${key}`));
    else if (additionalProperties === false) found.push(`${where}.${key} is not documented`);
    else if (typeof additionalProperties === 'object')
      found.push(...schemaViolations(additionalProperties as Schema, item, `${where}.${key}`));
  }
  return found;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
