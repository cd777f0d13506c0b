from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'overview.html'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_badge = l_0_bars_of = l_0_chart_of = l_0_overview_of = l_0_table_of = missing
    pass
    included_template = environment.get_template('badge.html', 'overview.html').make_module(context.get_all(), True, {'badge': l_0_badge, 'bars_of': l_0_bars_of, 'chart_of': l_0_chart_of, 'overview_of': l_0_overview_of, 'table_of': l_0_table_of})
    l_0_badge = getattr(included_template, 'badge', missing)
    if l_0_badge is missing:
        l_0_badge = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'overview.html') does not export the requested name 'badge'", name='badge')
    context.vars['badge'] = l_0_badge
    context.exported_vars.discard('badge')
    yield '\n'
    def macro(l_1_run):
        t_1 = []
        if l_1_run is missing:
            l_1_run = undefined("parameter 'run' was not provided", name='run')
        pass
        t_1.extend((
            '<svg class="bars" role="img" aria-label="',
            escape(environment.getattr(l_1_run, 'bars_told')),
            '" viewBox="0 0 ',
            escape((environment.getattr(environment.getitem(environment.getattr(l_1_run, 'bars'), -1), 'start') + environment.getattr(environment.getitem(environment.getattr(l_1_run, 'bars'), -1), 'length'))),
            ' 12" width="100%" height="12" preserveAspectRatio="none">\n',
        ))
        for l_2_bar in environment.getattr(l_1_run, 'bars'):
            _loop_vars = {}
            pass
            t_1.extend((
                '<rect class="',
                escape(environment.getattr(l_2_bar, 'outcome')),
                '" x="',
                escape(environment.getattr(l_2_bar, 'start')),
                '" width="',
                escape(environment.getattr(l_2_bar, 'length')),
                '" ',
            ))
            if (environment.getattr(l_2_bar, 'outcome') == 'passed'):
                pass
                t_1.append(
                    'y="4" height="4" fill="#4c9a62"',
                )
            elif (environment.getattr(l_2_bar, 'outcome') == 'skipped'):
                pass
                t_1.append(
                    'y="5" height="2" fill="#8b949e"',
                )
            elif (environment.getattr(l_2_bar, 'outcome') == 'tolerated'):
                pass
                t_1.append(
                    'y="2" height="8" fill="#b7791f"',
                )
            else:
                pass
                t_1.append(
                    'y="0" height="12" fill="#c4321f"',
                )
            t_1.append(
                '/>\n',
            )
        l_2_bar = missing
        t_1.append(
            '</svg>\n',
        )
        return concat(t_1)
    context.exported_vars.add('bars_of')
    context.vars['bars_of'] = l_0_bars_of = Macro(environment, macro, 'bars_of', ('run',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_chart):
        t_2 = []
        if l_1_chart is missing:
            l_1_chart = undefined("parameter 'chart' was not provided", name='chart')
        pass
        t_2.extend((
            '<div class="trend">\n<svg class="bars" role="img" aria-label="',
            escape(environment.getattr(l_1_chart, 'told')),
            '" viewBox="0 0 ',
            escape(environment.getattr(l_1_chart, 'width')),
            ' ',
            escape(environment.getattr(l_1_chart, 'height')),
            '" width="',
            escape((environment.getattr(l_1_chart, 'width') * 2)),
            '" height="',
            escape((environment.getattr(l_1_chart, 'height') * 2)),
            '" preserveAspectRatio="none">\n',
        ))
        for l_2_one in environment.getattr(l_1_chart, 'columns'):
            _loop_vars = {}
            pass
            t_2.extend((
                '<rect class="',
                escape(environment.getattr(l_2_one, 'outcome')),
                '" x="',
                escape(environment.getattr(l_2_one, 'x')),
                '" y="',
                escape(environment.getattr(l_2_one, 'y')),
                '" width="',
                escape(environment.getattr(l_1_chart, 'column_width')),
                '" height="',
                escape(environment.getattr(l_2_one, 'height')),
                '" fill="',
            ))
            if (environment.getattr(l_2_one, 'outcome') == 'passed'):
                pass
                t_2.append(
                    '#4c9a62',
                )
            elif (environment.getattr(l_2_one, 'outcome') == 'failed'):
                pass
                t_2.append(
                    '#c4321f',
                )
            else:
                pass
                t_2.append(
                    '#b97714',
                )
            t_2.append(
                '"/>\n',
            )
        l_2_one = missing
        t_2.append(
            '</svg>\n',
        )
        if environment.getattr(l_1_chart, 'times'):
            pass
            t_2.extend((
                '<svg class="times" role="img" aria-label="',
                escape(environment.getattr(l_1_chart, 'times_told')),
                '" viewBox="0 0 ',
                escape(environment.getattr(l_1_chart, 'width')),
                ' ',
                escape(environment.getattr(l_1_chart, 'height')),
                '" width="',
                escape((environment.getattr(l_1_chart, 'width') * 2)),
                '" height="',
                escape((environment.getattr(l_1_chart, 'height') * 2)),
                '" preserveAspectRatio="none">\n<polyline points="',
                escape(environment.getattr(l_1_chart, 'times')),
                '" fill="none" stroke="#8b949e" stroke-width="1.5"/>\n</svg>\n',
            ))
        t_2.extend((
            '<p class="lately">',
            escape(environment.getattr(l_1_chart, 'summary')),
            '</p>\n</div>\n',
        ))
        return concat(t_2)
    context.exported_vars.add('chart_of')
    context.vars['chart_of'] = l_0_chart_of = Macro(environment, macro, 'chart_of', ('chart',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_run):
        t_3 = []
        if l_1_run is missing:
            l_1_run = undefined("parameter 'run' was not provided", name='run')
        pass
        t_3.extend((
            '<article class="overview ',
            escape(environment.getattr(l_1_run, 'outcome')),
            '">\n<h3><a href="#run-',
            escape(environment.getattr(l_1_run, 'number')),
            '" dir="auto">',
            escape(environment.getattr(l_1_run, 'name')),
            '</a> ',
            escape(context.call((undefined(name='badge') if l_0_badge is missing else l_0_badge), environment.getattr(l_1_run, 'outcome'))),
            '</h3>\n<p class="counted">',
            escape(environment.getattr(l_1_run, 'counted')),
            escape((markup_join((', ', environment.getattr(l_1_run, 'duration'), )) if environment.getattr(l_1_run, 'duration') else '')),
            '</p>\n',
        ))
        if environment.getattr(l_1_run, 'bars'):
            pass
            t_3.append(
                escape(context.call((undefined(name='bars_of') if l_0_bars_of is missing else l_0_bars_of), l_1_run)),
            )
        if environment.getattr(l_1_run, 'chart'):
            pass
            t_3.append(
                escape(context.call((undefined(name='chart_of') if l_0_chart_of is missing else l_0_chart_of), environment.getattr(l_1_run, 'chart'))),
            )
        if environment.getattr(l_1_run, 'reasons'):
            pass
            t_3.append(
                '<ul class="whys" aria-label="Why">\n',
            )
            for l_2_reason in environment.getattr(l_1_run, 'reasons'):
                _loop_vars = {}
                pass
                t_3.extend((
                    '<li dir="auto">',
                    escape(l_2_reason),
                    '</li>\n',
                ))
            l_2_reason = missing
            t_3.append(
                '</ul>\n',
            )
        if environment.getattr(l_1_run, 'warnings'):
            pass
            t_3.append(
                '<ul class="warnings" aria-label="Warnings">\n',
            )
            for l_2_warning in environment.getattr(l_1_run, 'warnings'):
                _loop_vars = {}
                pass
                t_3.extend((
                    '<li dir="auto">warning: ',
                    escape(l_2_warning),
                    '</li>\n',
                ))
            l_2_warning = missing
            t_3.append(
                '</ul>\n',
            )
        for l_2_advice in environment.getattr(l_1_run, 'advice'):
            _loop_vars = {}
            pass
            t_3.extend((
                '<p class="advice" dir="auto">',
                escape(l_2_advice),
                '</p>\n',
            ))
        l_2_advice = missing
        t_3.append(
            '</article>\n',
        )
        return concat(t_3)
    context.exported_vars.add('overview_of')
    context.vars['overview_of'] = l_0_overview_of = Macro(environment, macro, 'overview_of', ('run',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_overviews):
        t_4 = []
        if l_1_overviews is missing:
            l_1_overviews = undefined("parameter 'overviews' was not provided", name='overviews')
        pass
        t_4.append(
            '<div class="scrolled" role="region" aria-label="Table of the runs" tabindex="0">\n<table class="runs">\n<thead>\n<tr><th scope="col">Suite</th><th scope="col">Verdict</th><th scope="col" class="number">Passed</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Not judged</th><th scope="col" class="number">Not executed</th><th scope="col" class="number">Tolerated</th><th scope="col" class="number">Duration</th>',
        )
        for (l_2_label, l_2__) in environment.getattr(environment.getitem(l_1_overviews, 0), 'particulars'):
            _loop_vars = {}
            pass
            t_4.extend((
                '<th scope="col">',
                escape(l_2_label),
                '</th>',
            ))
        l_2_label = l_2__ = missing
        t_4.append(
            '<th scope="col">Results file</th></tr>\n</thead>\n<tbody>\n',
        )
        for l_2_run in l_1_overviews:
            _loop_vars = {}
            pass
            t_4.extend((
                '<tr><th scope="row" dir="auto">',
                escape(environment.getattr(l_2_run, 'name')),
                '</th><td>',
                escape(context.call((undefined(name='badge') if l_0_badge is missing else l_0_badge), environment.getattr(l_2_run, 'outcome'), _loop_vars=_loop_vars)),
                '</td>',
            ))
            for l_3_count in (environment.getattr(environment.getattr(l_2_run, 'steps'), 'passed'), environment.getattr(environment.getattr(l_2_run, 'steps'), 'failed'), environment.getattr(environment.getattr(l_2_run, 'steps'), 'error'), environment.getattr(environment.getattr(l_2_run, 'steps'), 'skipped'), environment.getattr(environment.getattr(l_2_run, 'steps'), 'tolerated')):
                _loop_vars = {}
                pass
                t_4.extend((
                    '<td class="number',
                    escape((' zero' if (not l_3_count) else '')),
                    '">',
                    escape(l_3_count),
                    '</td>',
                ))
            l_3_count = missing
            t_4.extend((
                '<td class="number">',
                escape(environment.getattr(l_2_run, 'duration')),
                '</td>',
            ))
            for (l_3_label, l_3_told) in environment.getattr(l_2_run, 'particulars'):
                _loop_vars = {}
                pass
                t_4.append(
                    '<td>',
                )
                if (l_3_label == 'Run id'):
                    pass
                    t_4.extend((
                        '<code>',
                        escape(l_3_told),
                        '</code>',
                    ))
                else:
                    pass
                    t_4.append(
                        escape(l_3_told),
                    )
                t_4.append(
                    '</td>',
                )
            l_3_label = l_3_told = missing
            t_4.append(
                '<td>',
            )
            if environment.getattr(l_2_run, 'results_url'):
                pass
                t_4.extend((
                    '<a href="',
                    escape(environment.getattr(l_2_run, 'results_url')),
                    '" rel="noreferrer noopener">open<span class="unseen"> the results file of ',
                    escape(environment.getattr(l_2_run, 'name')),
                    '</span></a>',
                ))
            t_4.append(
                '</td></tr>\n',
            )
        l_2_run = missing
        t_4.append(
            '</tbody>\n</table>\n</div>\n',
        )
        return concat(t_4)
    context.exported_vars.add('table_of')
    context.vars['table_of'] = l_0_table_of = Macro(environment, macro, 'table_of', ('overviews',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '2=12&4=19&5=26&6=31&7=36&12=74&14=81&15=92&16=97&19=130&20=134&21=144&24=149&28=156&29=163&30=165&31=171&32=175&33=178&35=180&36=183&38=185&40=190&41=195&45=202&47=207&48=212&52=219&53=224&58=235&63=243&66=255&67=260&68=265&69=278&70=281&71=306'