from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'page.html'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_policy = resolve('policy')
    l_0_verdict = resolve('verdict')
    l_0_told = resolve('told')
    l_0_style = resolve('style')
    l_0_outcome = resolve('outcome')
    l_0_marks = resolve('marks')
    l_0_started = resolve('started')
    l_0_facts = resolve('facts')
    l_0_first_failure = resolve('first_failure')
    l_0_overviews = resolve('overviews')
    l_0_script = resolve('script')
    l_0_overview_of = l_0_table_of = l_0_turn_of = missing
    pass
    included_template = environment.get_template('overview.html', 'page.html').make_module(context.get_all(), True, {'overview_of': l_0_overview_of, 'table_of': l_0_table_of, 'turn_of': l_0_turn_of})
    l_0_overview_of = getattr(included_template, 'overview_of', missing)
    if l_0_overview_of is missing:
        l_0_overview_of = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'page.html') does not export the requested name 'overview_of'", name='overview_of')
    l_0_table_of = getattr(included_template, 'table_of', missing)
    if l_0_table_of is missing:
        l_0_table_of = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'page.html') does not export the requested name 'table_of'", name='table_of')
    context.vars.update({'overview_of': l_0_overview_of, 'table_of': l_0_table_of})
    context.exported_vars.difference_update(('overview_of', 'table_of'))
    included_template = environment.get_template('step.html', 'page.html').make_module(context.get_all(), True, {'overview_of': l_0_overview_of, 'table_of': l_0_table_of, 'turn_of': l_0_turn_of})
    l_0_turn_of = getattr(included_template, 'turn_of', missing)
    if l_0_turn_of is missing:
        l_0_turn_of = undefined(f"the template {included_template.__name__!r} (imported on line 3 in 'page.html') does not export the requested name 'turn_of'", name='turn_of')
    context.vars['turn_of'] = l_0_turn_of
    context.exported_vars.discard('turn_of')
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="'
    yield escape((undefined(name='policy') if l_0_policy is missing else l_0_policy))
    yield '">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n<title>'
    yield escape((undefined(name='verdict') if l_0_verdict is missing else l_0_verdict))
    yield ': '
    yield escape((undefined(name='told') if l_0_told is missing else l_0_told))
    yield ' · gatekeeper</title>\n<style>'
    yield escape((undefined(name='style') if l_0_style is missing else l_0_style))
    yield '</style>\n</head>\n<body>\n<a class="skip" href="#conversations">Skip to the conversations</a>\n<header class="'
    yield escape((undefined(name='outcome') if l_0_outcome is missing else l_0_outcome))
    yield '">\n<p class="brand">gatekeeper · conversation tests</p>\n<h1><span class="mark" aria-hidden="true">'
    yield escape(environment.getitem((undefined(name='marks') if l_0_marks is missing else l_0_marks), (undefined(name='outcome') if l_0_outcome is missing else l_0_outcome)))
    yield '</span> '
    yield escape((undefined(name='verdict') if l_0_verdict is missing else l_0_verdict))
    yield '</h1>\n<p class="told">'
    yield escape((undefined(name='told') if l_0_told is missing else l_0_told))
    yield '</p>\n<dl class="facts">\n<div><dt>Started</dt><dd><time datetime="'
    yield escape(context.call(environment.getattr((undefined(name='started') if l_0_started is missing else l_0_started), 'isoformat'), timespec='seconds'))
    yield '">'
    yield escape(context.call(environment.getattr((undefined(name='started') if l_0_started is missing else l_0_started), 'strftime'), '%Y-%m-%d %H:%M:%S %Z'))
    yield '</time></dd></div>\n'
    for (l_1_label, l_1_value) in (undefined(name='facts') if l_0_facts is missing else l_0_facts):
        l_1_pipeline = resolve('pipeline')
        _loop_vars = {}
        pass
        yield '<div><dt>'
        yield escape(l_1_label)
        yield '</dt><dd>'
        if ((l_1_label == 'Pipeline') and (undefined(name='pipeline') if l_1_pipeline is missing else l_1_pipeline)):
            pass
            yield '<a href="'
            yield escape((undefined(name='pipeline') if l_1_pipeline is missing else l_1_pipeline))
            yield '" rel="noreferrer noopener">'
            yield escape(l_1_value)
            yield '</a>'
        elif (l_1_label == 'Commit'):
            pass
            yield '<code>'
            yield escape(l_1_value)
            yield '</code>'
        else:
            pass
            yield escape(l_1_value)
        yield '</dd></div>\n'
    l_1_label = l_1_value = l_1_pipeline = missing
    yield '</dl>\n'
    if (undefined(name='first_failure') if l_0_first_failure is missing else l_0_first_failure):
        pass
        yield '<p class="jump"><a href="#'
        yield escape(environment.getitem((undefined(name='first_failure') if l_0_first_failure is missing else l_0_first_failure), 0))
        yield '">Go to the first step that did not pass: step '
        yield escape(environment.getitem((undefined(name='first_failure') if l_0_first_failure is missing else l_0_first_failure), 1))
        yield '</a></p>\n'
    yield '</header>\n<main>\n<section aria-labelledby="overview">\n<h2 id="overview">Overview</h2>\n'
    t_1 = 1
    for l_1_run in (undefined(name='overviews') if l_0_overviews is missing else l_0_overviews):
        _loop_vars = {}
        pass
        yield escape(context.call((undefined(name='overview_of') if l_0_overview_of is missing else l_0_overview_of), l_1_run, _loop_vars=_loop_vars))
        t_1 = 0
    l_1_run = missing
    if t_1:
        pass
        yield '<p class="none">There was no run.</p>\n'
    if (undefined(name='overviews') if l_0_overviews is missing else l_0_overviews):
        pass
        yield escape(context.call((undefined(name='table_of') if l_0_table_of is missing else l_0_table_of), (undefined(name='overviews') if l_0_overviews is missing else l_0_overviews)))
    yield '</section>\n<section id="tools" aria-label="Find steps" hidden>\n<div class="filters" role="group" aria-label="Show">\n'
    l_1_loop = missing
    for (l_1_name, l_1_label), l_1_loop in LoopContext((('all', 'All'), ('failed', 'Not passed'), ('warnings', 'Warnings')), undefined):
        l_1_counts = resolve('counts')
        _loop_vars = {}
        pass
        yield '<button type="button" data-show="'
        yield escape(l_1_name)
        yield '" aria-pressed="'
        yield escape(('true' if environment.getattr(l_1_loop, 'first') else 'false'))
        yield '">'
        yield escape(l_1_label)
        yield ' <span class="count">'
        yield escape(environment.getitem((undefined(name='counts') if l_1_counts is missing else l_1_counts), l_1_name))
        yield '</span></button>\n'
    l_1_loop = l_1_name = l_1_label = l_1_counts = missing
    yield '</div>\n<input id="search" type="search" placeholder="Search the steps" aria-label="Search the steps" autocomplete="off" spellcheck="false">\n<p id="status" role="status"></p>\n<p class="keys"><kbd>n</kbd> next and <kbd>p</kbd> previous not passed, <kbd>/</kbd> search</p>\n</section>\n<div id="conversations" tabindex="-1">\n'
    l_1_loop = missing
    for l_1_run, l_1_loop in LoopContext((undefined(name='overviews') if l_0_overviews is missing else l_0_overviews), undefined):
        l_1_turns_of = resolve('turns_of')
        _loop_vars = {}
        pass
        yield '<section class="conversation" aria-labelledby="run-'
        yield escape(environment.getattr(l_1_run, 'number'))
        yield '">\n<h2 id="run-'
        yield escape(environment.getattr(l_1_run, 'number'))
        yield '"><span class="unseen">Conversation: </span><span dir="auto">'
        yield escape(environment.getattr(l_1_run, 'name'))
        yield '</span></h2>\n'
        if environment.getattr(l_1_run, 'left_out'):
            pass
            yield '<p class="left-out">… '
            yield escape(environment.getattr(l_1_run, 'left_out'))
            yield '</p>\n'
        l_2_loop = missing
        t_2 = 1
        for l_2_turn, l_2_loop in LoopContext(context.call((undefined(name='turns_of') if l_1_turns_of is missing else l_1_turns_of), environment.getattr(l_1_run, 'number'), _loop_vars=_loop_vars), undefined):
            _loop_vars = {}
            pass
            if environment.getattr(l_2_loop, 'first'):
                pass
                yield '<ol class="steps">\n'
            yield escape(context.call((undefined(name='turn_of') if l_0_turn_of is missing else l_0_turn_of), l_2_turn, _loop_vars=_loop_vars))
            if environment.getattr(l_2_loop, 'last'):
                pass
                yield '</ol>\n'
            t_2 = 0
        l_2_loop = l_2_turn = missing
        if t_2:
            pass
            yield '<p class="none">There is nothing to show of its steps.</p>\n'
        yield '</section>\n'
    l_1_loop = l_1_run = l_1_turns_of = missing
    yield '</div>\n</main>\n<footer>\n<p>Drawn by gatekeeper. This page asks nothing of any server.</p>\n</footer>\n<script>'
    yield escape((undefined(name='script') if l_0_script is missing else l_0_script))
    yield '</script>\n</body>\n</html>'

blocks = {}
debug_info = '2=23&3=32&8=39&12=41&13=45&17=47&19=49&20=53&22=55&23=59&24=64&27=84&28=87&34=93&35=96&39=102&40=104&45=107&46=112&54=123&55=128&56=130&57=134&58=137&60=141&61=144&64=147&65=148&78=159'