from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'step.html'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_badge = l_0_text_of = l_0_message_of = l_0_answer_of = l_0_reason_of = l_0_particulars_of = l_0_turn_of = missing
    try:
        t_1 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    try:
        t_2 = environment.filters['safe']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'safe' found.")
    try:
        t_3 = environment.tests['none']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No test named 'none' found.")
    pass
    included_template = environment.get_template('badge.html', 'step.html').make_module(context.get_all(), True, {'answer_of': l_0_answer_of, 'badge': l_0_badge, 'message_of': l_0_message_of, 'particulars_of': l_0_particulars_of, 'reason_of': l_0_reason_of, 'text_of': l_0_text_of, 'turn_of': l_0_turn_of})
    l_0_badge = getattr(included_template, 'badge', missing)
    if l_0_badge is missing:
        l_0_badge = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'step.html') does not export the requested name 'badge'", name='badge')
    context.vars['badge'] = l_0_badge
    context.exported_vars.discard('badge')
    yield '\n'
    def macro(l_1_text, l_1_kind):
        t_4 = []
        if l_1_text is missing:
            l_1_text = undefined("parameter 'text' was not provided", name='text')
        if l_1_kind is missing:
            l_1_kind = undefined("parameter 'kind' was not provided", name='kind')
        pass
        if ((t_1(l_1_text) > 1500) or (context.call(environment.getattr(l_1_text, 'count'), '\n') > 30)):
            pass
            t_4.extend((
                '<p class="',
                escape(l_1_kind),
                ' long" dir="auto" tabindex="0" role="group" aria-label="a long text">',
                escape(l_1_text),
                '</p>\n',
            ))
        else:
            pass
            t_4.extend((
                '<p class="',
                escape(l_1_kind),
                '" dir="auto">',
                escape(l_1_text),
                '</p>\n',
            ))
        return concat(t_4)
    context.exported_vars.add('text_of')
    context.vars['text_of'] = l_0_text_of = Macro(environment, macro, 'text_of', ('text', 'kind'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_message):
        t_5 = []
        if l_1_message is missing:
            l_1_message = undefined("parameter 'message' was not provided", name='message')
        pass
        def t_6(fiter):
            for l_2_text in fiter:
                if context.call(environment.getattr(l_2_text, 'strip')):
                    yield l_2_text
        for l_2_text in t_6(environment.getattr(l_1_message, 'texts')):
            _loop_vars = {}
            pass
            t_5.append(
                escape(context.call((undefined(name='text_of') if l_0_text_of is missing else l_0_text_of), l_2_text, 'text', _loop_vars=_loop_vars)),
            )
        l_2_text = missing
        if environment.getattr(l_1_message, 'entries'):
            pass
            t_5.append(
                '<ul class="cards">\n',
            )
            for l_2_entry in environment.getattr(l_1_message, 'entries'):
                _loop_vars = {}
                pass
                t_5.extend((
                    '<li>',
                    escape(context.call((undefined(name='message_of') if l_0_message_of is missing else l_0_message_of), l_2_entry, _loop_vars=_loop_vars)),
                    '</li>\n',
                ))
            l_2_entry = missing
            t_5.append(
                '</ul>\n',
            )
        if environment.getattr(l_1_message, 'choices'):
            pass
            t_5.append(
                '<ul class="chips" aria-label="choices">\n',
            )
            for l_2_choice in environment.getattr(l_1_message, 'choices'):
                _loop_vars = {}
                pass
                t_5.extend((
                    '<li dir="auto">',
                    escape(l_2_choice),
                    '</li>\n',
                ))
            l_2_choice = missing
            t_5.append(
                '</ul>\n',
            )
        return concat(t_5)
    context.exported_vars.add('message_of')
    context.vars['message_of'] = l_0_message_of = Macro(environment, macro, 'message_of', ('message',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_answer):
        t_7 = []
        if l_1_answer is missing:
            l_1_answer = undefined("parameter 'answer' was not provided", name='answer')
        pass
        t_7.extend((
            '<li class="answer',
            escape((' wrong' if environment.getattr(l_1_answer, 'is_wrong') else '')),
            escape((' never' if (not environment.getattr(l_1_answer, 'came')) else '')),
            '">\n',
        ))
        if (not environment.getattr(l_1_answer, 'came')):
            pass
            t_7.extend((
                '<p class="label">response ',
                escape(environment.getattr(l_1_answer, 'number')),
                ' never came; expected was</p>\n',
            ))
        elif environment.getattr(l_1_answer, 'is_wrong'):
            pass
            t_7.extend((
                '<p class="label"><span aria-hidden="true">✗</span> response ',
                escape(environment.getattr(l_1_answer, 'number')),
                '</p>\n',
            ))
        t_7.extend((
            '<div class="bubble">\n',
            escape((context.call((undefined(name='message_of') if l_0_message_of is missing else l_0_message_of), environment.getattr(l_1_answer, 'message')) or Markup('<p class="text none">(no text)</p>'))),
        ))
        if environment.getattr(l_1_answer, 'path'):
            pass
            t_7.extend((
                '<p class="path" dir="auto">',
                escape(environment.getattr(l_1_answer, 'path')),
                '</p>\n',
            ))
        t_7.append(
            '</div>\n</li>\n',
        )
        return concat(t_7)
    context.exported_vars.add('answer_of')
    context.vars['answer_of'] = l_0_answer_of = Macro(environment, macro, 'answer_of', ('answer',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_reason):
        t_8 = []
        if l_1_reason is missing:
            l_1_reason = undefined("parameter 'reason' was not provided", name='reason')
        pass
        t_8.extend((
            '<li class="reason">\n<p class="what" dir="auto">',
            escape(environment.getattr(l_1_reason, 'text')),
            '</p>\n',
        ))
        if environment.getattr(l_1_reason, 'path'):
            pass
            t_8.extend((
                '<p class="flow" dir="auto">',
                escape(environment.getattr(l_1_reason, 'path')),
                '</p>\n',
            ))
        if (environment.getattr(l_1_reason, 'has_subjects') and environment.getattr(l_1_reason, 'comparisons')):
            pass
            t_8.append(
                '<table class="compared">\n<thead><tr><td></td><th scope="col">expected</th><th scope="col">answered</th></tr></thead>\n<tbody>\n',
            )
            l_2_loop = missing
            for l_2_one, l_2_loop in LoopContext(environment.getattr(l_1_reason, 'comparisons'), undefined):
                _loop_vars = {}
                pass
                t_8.extend((
                    '<tr><th scope="row" dir="auto">',
                    escape(environment.getattr(l_2_one, 'subject')),
                    '</th><td>',
                ))
                l_3_loop = missing
                for l_3_text, l_3_loop in LoopContext(environment.getattr(l_2_one, 'expected'), undefined):
                    _loop_vars = {}
                    pass
                    if (not environment.getattr(l_3_loop, 'first')):
                        pass
                        t_8.append(
                            '<span class="or">or</span>',
                        )
                    t_8.extend((
                        '<p dir="auto">',
                        escape(l_3_text),
                        '</p>',
                    ))
                l_3_loop = l_3_text = missing
                if environment.getattr(l_2_one, 'left_out'):
                    pass
                    t_8.extend((
                        '<p class="left-out">… ',
                        escape(environment.getattr(l_2_one, 'left_out')),
                        ' more left out</p>\n',
                    ))
                t_8.extend((
                    '</td><td><p dir="auto">',
                    escape(environment.getattr(l_2_one, 'answered')),
                    '</p></td></tr>\n',
                ))
            l_2_loop = l_2_one = missing
            t_8.append(
                '</tbody>\n</table>\n',
            )
        else:
            pass
            l_2_loop = missing
            for l_2_one, l_2_loop in LoopContext(environment.getattr(l_1_reason, 'comparisons'), undefined):
                _loop_vars = {}
                pass
                t_8.append(
                    '<dl class="compared">\n',
                )
                l_3_loop = missing
                for l_3_text, l_3_loop in LoopContext(environment.getattr(l_2_one, 'expected'), undefined):
                    _loop_vars = {}
                    pass
                    t_8.extend((
                        '<div><dt>',
                        escape(('expected' if environment.getattr(l_3_loop, 'first') else 'or')),
                        '</dt><dd>',
                        escape(context.call((undefined(name='text_of') if l_0_text_of is missing else l_0_text_of), l_3_text, 'expected', _loop_vars=_loop_vars)),
                        '</dd></div>\n',
                    ))
                l_3_loop = l_3_text = missing
                if environment.getattr(l_2_one, 'left_out'):
                    pass
                    t_8.extend((
                        '<div><dt>or</dt><dd class="left-out">… ',
                        escape(environment.getattr(l_2_one, 'left_out')),
                        ' more left out</dd></div>\n',
                    ))
                t_8.extend((
                    '<div><dt>answered</dt><dd>',
                    escape(context.call((undefined(name='text_of') if l_0_text_of is missing else l_0_text_of), environment.getattr(l_2_one, 'answered'), 'answered', _loop_vars=_loop_vars)),
                    '</dd></div>\n</dl>\n',
                ))
            l_2_loop = l_2_one = missing
        if environment.getattr(l_1_reason, 'left_out'):
            pass
            t_8.extend((
                '<p class="left-out">… ',
                escape(environment.getattr(l_1_reason, 'left_out')),
                ' more left out</p>\n',
            ))
        t_8.append(
            '</li>\n',
        )
        return concat(t_8)
    context.exported_vars.add('reason_of')
    context.vars['reason_of'] = l_0_reason_of = Macro(environment, macro, 'reason_of', ('reason',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_turn):
        t_9 = []
        if l_1_turn is missing:
            l_1_turn = undefined("parameter 'turn' was not provided", name='turn')
        pass
        t_9.extend((
            '<details class="particulars"',
            escape((' open' if (environment.getattr(l_1_turn, 'reasons') and (environment.getattr(l_1_turn, 'outcome') != 'skipped')) else '')),
            '>\n<summary>Details<span class="unseen"> of step ',
            escape(environment.getattr(l_1_turn, 'index')),
            '</span></summary>\n<dl>\n',
        ))
        for (l_2_label, l_2_told) in environment.getattr(l_1_turn, 'facts'):
            _loop_vars = {}
            pass
            if (l_2_label == 'request id'):
                pass
                t_9.extend((
                    '<div><dt>',
                    escape(l_2_label),
                    '</dt><dd><code dir="auto">',
                    escape(l_2_told),
                    '</code> <button type="button" class="copy" hidden aria-label="Copy the request id of step ',
                    escape(environment.getattr(l_1_turn, 'index')),
                    '">copy</button></dd></div>\n',
                ))
            else:
                pass
                t_9.extend((
                    '<div><dt>',
                    escape(l_2_label),
                    '</dt><dd dir="auto">',
                    escape(l_2_told),
                    '</dd></div>\n',
                ))
        l_2_label = l_2_told = missing
        t_9.append(
            '</dl>\n',
        )
        if (not t_3(environment.getattr(l_1_turn, 'raw'))):
            pass
            t_9.extend((
                '<details class="raw">\n<summary>Raw JSON</summary>\n<pre tabindex="0" role="group" aria-label="Raw JSON of step ',
                escape(environment.getattr(l_1_turn, 'index')),
                '" dir="ltr">',
                escape(environment.getattr(l_1_turn, 'raw')),
                '</pre>\n</details>\n',
            ))
        elif environment.getattr(l_1_turn, 'is_raw_left_out'):
            pass
            t_9.append(
                '<p class="left-out">… its raw JSON is left out: the page would be too large</p>\n',
            )
        t_9.append(
            '</details>\n',
        )
        return concat(t_9)
    context.exported_vars.add('particulars_of')
    context.vars['particulars_of'] = l_0_particulars_of = Macro(environment, macro, 'particulars_of', ('turn',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_turn):
        t_10 = []
        l_1_words = resolve('words')
        if l_1_turn is missing:
            l_1_turn = undefined("parameter 'turn' was not provided", name='turn')
        pass
        t_10.extend((
            '<li class="step ',
            escape(environment.getattr(l_1_turn, 'outcome')),
            escape((' warned' if environment.getattr(l_1_turn, 'warnings') else '')),
            '" id="',
            escape(environment.getattr(l_1_turn, 'anchor')),
            '">\n<h3 tabindex="-1"><a href="#',
            escape(environment.getattr(l_1_turn, 'anchor')),
            '">Step ',
            escape(environment.getattr(l_1_turn, 'index')),
            '</a> ',
            escape(context.call((undefined(name='badge') if l_0_badge is missing else l_0_badge), environment.getattr(l_1_turn, 'outcome'))),
            '</h3>\n<div class="talk">\n',
        ))
        if environment.getattr(l_1_turn, 'is_event'):
            pass
            t_10.extend((
                '<p class="event" dir="auto">',
                escape(environment.getattr(l_1_turn, 'said')),
                '</p>\n',
            ))
        else:
            pass
            t_10.extend((
                '<p class="unseen">user said</p>\n',
                escape(context.call((undefined(name='text_of') if l_0_text_of is missing else l_0_text_of), environment.getattr(l_1_turn, 'said'), 'user')),
            ))
        if environment.getattr(l_1_turn, 'answers'):
            pass
            t_10.append(
                '<p class="unseen">answers</p>\n<ol class="answers">\n',
            )
            for l_2_answer in environment.getattr(l_1_turn, 'answers'):
                _loop_vars = {}
                pass
                t_10.append(
                    escape(context.call((undefined(name='answer_of') if l_0_answer_of is missing else l_0_answer_of), l_2_answer, _loop_vars=_loop_vars)),
                )
            l_2_answer = missing
            t_10.append(
                '</ol>\n',
            )
        t_10.append(
            '</div>\n<div class="notes">\n',
        )
        if environment.getattr(l_1_turn, 'reasons'):
            pass
            t_10.extend((
                '<ul class="reasons" aria-label="Why step ',
                escape(environment.getattr(l_1_turn, 'index')),
                ' ',
                escape(environment.getitem((undefined(name='words') if l_1_words is missing else l_1_words), environment.getattr(l_1_turn, 'outcome'))),
                '">\n',
            ))
            for l_2_reason in environment.getattr(l_1_turn, 'reasons'):
                _loop_vars = {}
                pass
                t_10.append(
                    escape(context.call((undefined(name='reason_of') if l_0_reason_of is missing else l_0_reason_of), l_2_reason, _loop_vars=_loop_vars)),
                )
            l_2_reason = missing
            t_10.append(
                '</ul>\n',
            )
        if environment.getattr(l_1_turn, 'lately'):
            pass
            t_10.extend((
                '<p class="lately">',
                escape(environment.getattr(l_1_turn, 'lately')),
                '</p>\n',
            ))
        if environment.getattr(l_1_turn, 'warnings'):
            pass
            t_10.extend((
                '<ul class="warnings" aria-label="Warnings of step ',
                escape(environment.getattr(l_1_turn, 'index')),
                '">\n',
            ))
            for l_2_warning in environment.getattr(l_1_turn, 'warnings'):
                _loop_vars = {}
                pass
                t_10.extend((
                    '<li dir="auto">warning: ',
                    escape(l_2_warning),
                    '</li>\n',
                ))
            l_2_warning = missing
            t_10.append(
                '</ul>\n',
            )
        for l_2_left_out in environment.getattr(l_1_turn, 'left_out'):
            _loop_vars = {}
            pass
            t_10.extend((
                '<p class="left-out">… ',
                escape(l_2_left_out),
                ' more left out</p>\n',
            ))
        l_2_left_out = missing
        if (environment.getattr(l_1_turn, 'facts') or (not t_3(environment.getattr(l_1_turn, 'raw')))):
            pass
            t_10.append(
                escape(context.call((undefined(name='particulars_of') if l_0_particulars_of is missing else l_0_particulars_of), l_1_turn)),
            )
        t_10.append(
            '</div>\n</li>\n',
        )
        return concat(t_10)
    context.exported_vars.add('turn_of')
    context.vars['turn_of'] = l_0_turn_of = Macro(environment, macro, 'turn_of', ('turn',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '2=30&4=37&5=44&6=48&8=57&12=66&13=71&14=79&16=82&18=87&19=92&23=99&25=104&26=109&32=120&33=127&34=131&35=135&36=138&37=142&40=147&41=149&42=153&48=163&50=170&51=173&52=177&54=180&58=186&59=191&60=195&61=198&63=209&64=213&66=218&71=228&73=235&74=240&76=246&77=250&79=255&83=259&84=263&89=273&90=280&91=282&93=285&94=288&95=292&97=303&101=312&104=316&106=321&112=333&113=341&114=346&116=353&117=357&120=364&122=366&125=371&126=375&132=384&133=388&134=393&135=397&139=403&140=407&142=410&143=414&144=417&145=422&149=429&150=434&152=438&153=441'