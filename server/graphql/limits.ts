import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql'
import { DEFAULT_PAGE } from './connection.ts'

/** `users { edges { node { … } } }` is 4 deep; the deepest question our pages and tests ask is 8. */
const MAX_DEPTH = 10
/** A screen asks for a few things under names of its own. */
const MAX_ALIASES = 20
/** Commands of one request: more is a brute force, not a form. */
const MAX_ROOT_FIELDS = { query: 20, mutation: 5, subscription: 1 } as const
const MAX_DIRECTIVES = 20
/** Fields with fragments spread out; every type of the schema in full has fewer. */
const MAX_FIELDS = 400
/** The same name under one parent; two fragments that overlap make two. */
const MAX_REPEATS = 10
/** Objects that may have to be looked up: a page of 500 with a reference each, or of 50 with some twenty. */
export const MAX_COST = 5_000
/** What a list without a page size is counted as. */
const LIST_LENGTH = 10

interface Measure {
  depth: number
  fields: number
  aliases: number
  directives: number
  cost: number
}

const NOTHING: Measure = { depth: 0, fields: 0, aliases: 0, directives: 0, cost: 0 }

export interface MeasuredOperation {
  schema: GraphQLSchema
  document: DocumentNode
  operation: OperationDefinitionNode
  variables: Record<string, unknown>
}

/**
 * What is too much about an operation, as a sentence; undefined: nothing. Looks at each selection once (fragments are measured
 * once and counted wherever they are spread), so no document can make this slow; it runs before graphql-js validates.
 */
export function overLimit(measured: MeasuredOperation): string | undefined {
  const { operation } = measured
  const roots = operation.selectionSet.selections.length
  const most = MAX_ROOT_FIELDS[operation.operation]
  if (roots > most) return `A ${operation.operation} has at most ${most} fields at its root.`
  const walk = new Walk(measured)
  const root = measured.schema.getRootType(operation.operation) ?? undefined
  const total = walk.selections(operation.selectionSet, root)
  const { depth, aliases, directives, fields, cost } = add(total, { ...NOTHING, directives: count(operation) })
  if (walk.complaint !== undefined) return walk.complaint
  if (depth > MAX_DEPTH) return `An operation is at most ${MAX_DEPTH} levels deep.`
  if (aliases > MAX_ALIASES) return `An operation has at most ${MAX_ALIASES} aliases.`
  if (directives > MAX_DIRECTIVES) return `An operation has at most ${MAX_DIRECTIVES} directives.`
  if (fields > MAX_FIELDS) return `An operation has at most ${MAX_FIELDS} fields.`
  if (cost > MAX_COST) return `An operation costs at most ${MAX_COST} objects; this one may cost ${cost}.`
  return undefined
}

/** Invariant: a fragment is entered once; one that leads to itself is complained about and counts nothing. */
class Walk {
  complaint: string | undefined
  readonly #measured: MeasuredOperation
  readonly #fragments: Map<string, FragmentDefinitionNode>
  readonly #known = new Map<string, Measure | 'within'>()

  constructor(measured: MeasuredOperation) {
    this.#measured = measured
    const fragments = measured.document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
    this.#fragments = new Map(fragments.map((node) => [node.name.value, node]))
  }

  selections({ selections }: SelectionSetNode, parent: GraphQLCompositeType | undefined): Measure {
    let total = NOTHING
    const repeats = new Map<string, number>()
    for (const node of selections) {
      total = add(total, { ...NOTHING, directives: count(node) })
      if (node.kind === Kind.FRAGMENT_SPREAD) total = add(total, this.#fragment(node.name.value))
      else if (node.kind === Kind.INLINE_FRAGMENT) {
        const type = node.typeCondition === undefined ? parent : this.#typeOf(node.typeCondition.name.value)
        total = add(total, this.selections(node.selectionSet, type))
      } else {
        const times = (repeats.get(node.name.value) ?? 0) + 1
        repeats.set(node.name.value, times)
        if (times > MAX_REPEATS) this.complaint ??= `A field is asked for at most ${MAX_REPEATS} times in one place.`
        total = add(total, this.#field(node, parent))
      }
    }
    return total
  }

  #field(node: FieldNode, parent: GraphQLCompositeType | undefined): Measure {
    const own = { depth: 1, fields: 1, aliases: node.alias === undefined ? 0 : 1, directives: 0, cost: 0 }
    // Whether the schema may be asked for is decided elsewhere.
    if (node.selectionSet === undefined || node.name.value.startsWith('__')) return own
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined
    const type = field === undefined ? undefined : getNamedType(field.type)
    const below = this.selections(node.selectionSet, isCompositeType(type) ? type : undefined)
    const times = field === undefined ? 1 : this.#lengthOf(field, node, parent)
    return {
      depth: own.depth + below.depth,
      fields: own.fields + below.fields,
      aliases: own.aliases + below.aliases,
      directives: below.directives,
      cost: times * (1 + below.cost),
    }
  }

  #fragment(name: string): Measure {
    const known = this.#known.get(name)
    if (known === 'within') this.complaint ??= 'A fragment leads to itself.'
    if (known !== undefined) return known === 'within' ? NOTHING : known
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return NOTHING
    this.#known.set(name, 'within')
    const type = this.#typeOf(fragment.typeCondition.name.value)
    const measure = add(this.selections(fragment.selectionSet, type), { ...NOTHING, directives: count(fragment) })
    this.#known.set(name, measure)
    return measure
  }

  #typeOf(name: string): GraphQLCompositeType | undefined {
    const type = this.#measured.schema.getType(name)
    return isCompositeType(type) ? type : undefined
  }

  /** How many objects the field may answer. A connection's edges are counted with the connection. */
  #lengthOf(field: GraphQLField<unknown, unknown>, node: FieldNode, parent: GraphQLCompositeType | undefined): number {
    if (field.args.some((arg) => arg.name === 'first')) return this.#firstOf(node)
    if (!isListType(getNullableType(field.type))) return 1
    return parent?.name.endsWith('Connection') ? 1 : LIST_LENGTH
  }

  #firstOf(node: FieldNode): number {
    const given = node.arguments?.find((argument) => argument.name.value === 'first')?.value
    if (given === undefined) return DEFAULT_PAGE
    if (given.kind === Kind.INT) return Math.max(1, Number(given.value))
    if (given.kind !== Kind.VARIABLE) return DEFAULT_PAGE
    const definition = this.#measured.operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === given.name.value,
    )
    const standard = definition?.defaultValue?.kind === Kind.INT ? Number(definition.defaultValue.value) : DEFAULT_PAGE
    const value = this.#measured.variables[given.name.value]
    return typeof value === 'number' ? Math.max(1, value) : Math.max(1, standard)
  }
}

function add(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    fields: a.fields + b.fields,
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    cost: a.cost + b.cost,
  }
}

function count(node: { directives?: readonly unknown[] | undefined }): number {
  return node.directives?.length ?? 0
}
