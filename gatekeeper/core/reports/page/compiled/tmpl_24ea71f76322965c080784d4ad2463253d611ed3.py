from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'badge.html'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_badge = missing
    pass
    def macro(l_1_outcome):
        t_1 = []
        l_1_marks = resolve('marks')
        l_1_words = resolve('words')
        if l_1_outcome is missing:
            l_1_outcome = undefined("parameter 'outcome' was not provided", name='outcome')
        pass
        t_1.extend((
            '<span class="badge ',
            escape(l_1_outcome),
            '"><span aria-hidden="true">',
            escape(environment.getitem((undefined(name='marks') if l_1_marks is missing else l_1_marks), l_1_outcome)),
            '</span> ',
            escape(environment.getitem((undefined(name='words') if l_1_words is missing else l_1_words), l_1_outcome)),
            '</span>',
        ))
        return concat(t_1)
    context.exported_vars.add('badge')
    context.vars['badge'] = l_0_badge = Macro(environment, macro, 'badge', ('outcome',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '2=12&3=21'