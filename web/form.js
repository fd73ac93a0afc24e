// @ts-check
import { element } from './dom.js';

/**
 * @typedef {'toggle' | 'select' | 'slider' | 'number' | 'text' | 'integers'} Control
 * @typedef {object} Field
 * @property {string} name
 * @property {string} sendAs name among the runtime parameters
 * @property {string} label
 * @property {string} hint
 * @property {Control} control
 * @property {unknown} value
 * @property {boolean} onLoad
 * @property {boolean} isSeed
 * @property {boolean} whole
 * @property {number} [least]
 * @property {number} [most]
 * @property {number} [step]
 * @property {unknown[]} [options]
 * @property {string} [example]
 */

/** The schema's name of the step list differs from the one that running pipelines take. */
const RUNTIME_NAMES = new Map([['denoising_steps', 'denoising_step_list']]);

/** And the other way: what a mode starts with stands under the schema's name. */
const DEFAULT_NAMES = new Map([...RUNTIME_NAMES].map(([schema, runtime]) => [runtime, schema]));

const LARGEST_SEED = 2 ** 31 - 1;

/**
 * The controls that a pipeline asks for in this mode, in its order.
 *
 * @param {any} pipeline one entry of the schemas answer
 * @param {string} mode
 * @returns {Field[]}
 */
export function fieldsOf(pipeline, mode) {
  const schema = pipeline.config_schema ?? {};
  const defaults = pipeline.mode_defaults?.[mode] ?? {};
  return Object.entries(schema.properties ?? {})
    .filter(([, property]) => property.ui && (!property.ui.modes || property.ui.modes.includes(mode)))
    .sort(([a, left], [b, right]) => (left.ui.order ?? Infinity) - (right.ui.order ?? Infinity) || a.localeCompare(b))
    .flatMap(([name, property]) => fieldOf(name, property, schema, defaults[name] ?? defaults[DEFAULT_NAMES.get(name) ?? '']));
}

/**
 * @param {string} name
 * @param {any} property
 * @param {any} schema
 * @param {unknown} modeDefault
 * @returns {Field[]} none if there is no control for such a value
 */
function fieldOf(name, property, schema, modeDefault) {
  const type = resolved(property, schema);
  const control = controlOf(type);
  if (!control) {
    return [];
  }
  const { ui } = property;
  const onLoad = ui.is_load_param ?? true;
  const whole = type.type === 'integer';
  return [
    {
      name,
      sendAs: onLoad ? name : (RUNTIME_NAMES.get(name) ?? name),
      label: ui.label ?? property.title ?? name.replaceAll('_', ' '),
      hint: property.description ?? '',
      control,
      value: modeDefault ?? property.default ?? null,
      onLoad,
      isSeed: name === 'seed' || name === 'base_seed',
      whole,
      least: type.minimum ?? type.exclusiveMinimum,
      most: type.maximum ?? type.exclusiveMaximum,
      step: type.multipleOf ?? (whole ? 1 : 0.01),
      options: type.enum,
      example: type.examples?.[0]?.join(', '),
    },
  ];
}

/** Follows `$ref`, and of `anyOf` with null takes the other. @param {any} property @param {any} schema @returns {any} */
function resolved(property, schema) {
  if (property.$ref) {
    return schema.$defs?.[property.$ref.split('/').pop()] ?? {};
  }
  const choices = property.anyOf ?? property.allOf;
  const chosen = choices?.find((/** @type {any} */ choice) => choice.type !== 'null');
  return chosen ? { ...property, ...resolved(chosen, schema) } : property;
}

/** @param {any} type @returns {Control | null} */
function controlOf(type) {
  if (type.enum) {
    return 'select';
  }
  switch (type.type) {
    case 'boolean':
      return 'toggle';
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return type.minimum !== undefined && type.maximum !== undefined && type.maximum < LARGEST_SEED ? 'slider' : 'number';
    case 'array':
      return type.items?.type === 'integer' ? 'integers' : null;
    default:
      return null;
  }
}

/**
 * Reads "1000, 750 500" as a list of steps.
 *
 * @param {string} text
 * @returns {number[] | null} null if that is not a list of integers
 */
export function parseIntegers(text) {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => /^\d+$/.test(part)) ? parts.map(Number) : null;
}

/**
 * Draws fields into a box.
 *
 * @param {HTMLElement} box
 * @param {Field[]} fields
 * @param {(field: Field, value: unknown) => void} onChange
 * @returns {(parameters: Record<string, unknown>) => void} shows values that were set elsewhere
 */
export function renderForm(box, fields, onChange) {
  /** @type {Map<string, (value: unknown) => void>} */
  const shown = new Map();
  box.replaceChildren(
    ...fields.map((field) => {
      const { control, show } = MAKERS[field.control](field, (value) => onChange(field, value));
      show(field.value);
      shown.set(field.sendAs, show);
      const hint = field.hint ? element('p', { class: 'hint', id: `hint-${field.name}` }, field.hint) : '';
      return element(
        'div',
        { class: `field ${field.control}` },
        element('label', { for: `field-${field.name}` }, field.label),
        control,
        hint,
      );
    }),
  );
  return (parameters) => {
    for (const [name, value] of Object.entries(parameters)) {
      shown.get(name)?.(value);
    }
  };
}

/**
 * @typedef {(field: Field, changed: (value: unknown) => void) => {control: Node, show: (value: any) => void}} Maker
 * @type {Record<Control, Maker>}
 */
const MAKERS = {
  toggle(field, changed) {
    const input = element('input', {
      ...common(field),
      type: 'checkbox',
      role: 'switch',
      onchange: () => changed(input.checked),
    });
    return { control: input, show: (value) => void (input.checked = Boolean(value)) };
  },

  select(field, changed) {
    const options = (field.options ?? []).map((option, index) => element('option', { value: index }, String(option ?? 'none')));
    const select = element('select', { ...common(field), onchange: () => changed(field.options?.[select.selectedIndex]) }, ...options);
    return { control: select, show: (value) => void (select.selectedIndex = (field.options ?? []).indexOf(value)) };
  },

  slider(field, changed) {
    const range = { min: field.least, max: field.most, step: field.step };
    /** @param {any} from */
    const follow = (from) => {
      const value = Number(from.value);
      if (from.value !== '' && from.validity.valid) {
        (from === slider ? number : slider).value = String(value);
        changed(value);
      }
    };
    const slider = element('input', { ...common(field), type: 'range', ...range, oninput: () => follow(slider) });
    const number = element('input', {
      type: 'number',
      ...range,
      step: field.whole ? 1 : 'any',
      'aria-label': `${field.label}, number`,
      placeholder: 'auto',
      onchange: () => follow(number),
    });
    return {
      control: element('span', { class: 'pair' }, slider, number),
      show: (value) => {
        // Without a value the pipeline chooses one itself: none is shown as if it were set.
        slider.value = String(value ?? '');
        number.value = String(value ?? '');
      },
    };
  },

  number(field, changed) {
    const input = element('input', {
      ...common(field),
      type: 'number',
      min: field.least,
      max: field.most,
      step: field.whole ? (field.step ?? 1) : 'any',
      onchange: () => {
        if (input.value !== '' && input.validity.valid) {
          changed(Number(input.value));
        }
      },
    });
    const dice = element('button', {
      type: 'button',
      class: 'dice',
      title: 'Roll the dice',
      'aria-label': `Random ${field.label}`,
      onclick: () => {
        input.value = String(Math.floor(Math.random() * Math.min(field.most ?? LARGEST_SEED, LARGEST_SEED)));
        changed(Number(input.value));
      },
    }, '⚄');
    return {
      control: element('span', { class: 'pair' }, input, ...(field.isSeed ? [dice] : [])),
      show: (value) => void (input.value = value ?? ''),
    };
  },

  text(field, changed) {
    const input = element('input', { ...common(field), type: 'text', onchange: () => changed(input.value) });
    return { control: input, show: (value) => void (input.value = value ?? '') };
  },

  integers(field, changed) {
    const input = element('input', {
      ...common(field),
      type: 'text',
      inputmode: 'numeric',
      placeholder: field.example ?? '1000, 750, 500, 250',
      onchange: () => {
        const list = parseIntegers(input.value);
        input.setCustomValidity(list ? '' : 'Whole numbers with commas between them');
        if (list && input.reportValidity()) {
          changed(list);
        }
      },
    });
    return { control: input, show: (value) => void (input.value = Array.isArray(value) ? value.join(', ') : '') };
  },
};

/** @param {Field} field */
function common(field) {
  return {
    id: `field-${field.name}`,
    'data-testid': `field-${field.name}`,
    'aria-describedby': field.hint ? `hint-${field.name}` : undefined,
  };
}
