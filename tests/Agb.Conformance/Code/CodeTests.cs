namespace Agb.Conformance.Code;

/// <summary>Tests of code in every language.</summary>
[RunsOn(Services.Overlay | Services.Server)]
public sealed class CodeTests : CodeTest
{
    [Theory]
    [InlineData(AgbCodeLanguage.Python, "print('out'); import sys; print('err', file=sys.stderr)")]
    [InlineData(AgbCodeLanguage.Javascript, "console.log('out'); console.error('err')")]
    [InlineData(AgbCodeLanguage.Java, "System.out.println(\"out\"); System.err.println(\"err\");")]
    [InlineData(AgbCodeLanguage.R, "cat('out\\n'); message('err')")]
    public async Task What_code_writes_is_in_its_streams(AgbCodeLanguage language, string code)
    {
        var result = await SucceedsAsync(await StartAsync(), language, code);
        (result.Stdout, result.Stderr).ShouldBe(("out\n", "err\n"));
        result.Service.ShouldBeSameAs(Service);
    }

    [Theory]
    [InlineData(AgbCodeLanguage.Python, "x = 6\nx * 7", "42")]
    [InlineData(AgbCodeLanguage.Python, "'a' + 'ä'", "'aä'")]
    [InlineData(AgbCodeLanguage.Javascript, "const x = 6; x * 7", "42")]
    [InlineData(AgbCodeLanguage.R, "x <- 6\nx * 7", "[1] 42")]
    public async Task The_value_of_the_last_expression_is_the_main_result(AgbCodeLanguage language, string code, string text)
    {
        var result = await SucceedsAsync(await StartAsync(), language, code);
        Main(result).ShouldBe(text);
        result.Stdout.ShouldBe("");
    }

    [Theory]
    [InlineData(AgbCodeLanguage.Python, "print(1)\n1 / 0", "ZeroDivisionError: division by zero")]
    [InlineData(AgbCodeLanguage.Python, "print(1)\nraise SystemExit(3)", "SystemExit: 3")]
    [InlineData(AgbCodeLanguage.Javascript, "console.log(1); throw new Error('no good')", "no good")]
    [InlineData(AgbCodeLanguage.Javascript, "console.log(1); setTimeout(() => { throw new Error('too late') }, 10)", "too late")]
    [InlineData(AgbCodeLanguage.Java, "System.out.println(1); throw new Exception(\"no good\");", "no good")]
    [InlineData(AgbCodeLanguage.R, "print(1L)\nstop('no good')", "no good")]
    public async Task An_error_in_the_code_is_data(AgbCodeLanguage language, string code, string expected)
    {
        var result = await CodeAsync(await StartAsync(), language, code);
        result.Success.ShouldBeFalse();
        result.TimedOut.ShouldBeFalse();
        result.Error.ShouldNotBeNull().ShouldContain(expected);
        result.Stdout.ShouldContain("1");
    }

    [Theory]
    [InlineData(AgbCodeLanguage.Python, "def (")]
    [InlineData(AgbCodeLanguage.Javascript, "function (")]
    [InlineData(AgbCodeLanguage.Java, "int x = ;")]
    [InlineData(AgbCodeLanguage.R, "f <- function(")]
    public async Task A_syntax_error_is_data(AgbCodeLanguage language, string code)
    {
        var result = await CodeAsync(await StartAsync(), language, code);
        result.Success.ShouldBeFalse();
        result.Error.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData(AgbCodeLanguage.Python, "x = [1]\ndef f(): return x", "x.append(2); print(len(f()))")]
    [InlineData(AgbCodeLanguage.R, "x <- c(1)\nf <- function() x", "x <- c(x, 2); cat(length(f()), '\\n', sep = '')")]
    public async Task Variables_stay_from_call_to_call(AgbCodeLanguage language, string first, string second)
    {
        var session = await StartAsync();
        (await SucceedsAsync(session, language, first)).ExecutionCount.ShouldBe(1);
        var result = await SucceedsAsync(session, language, second);
        (result.Stdout, result.ExecutionCount).ShouldBe(("2\n", 2));
        // Another session has no access to these variables.
        (await CodeAsync(await StartAsync(), language, second)).Success.ShouldBeFalse();
    }

    [Theory]
    [InlineData(AgbCodeLanguage.Python, "while True: pass", "1")]
    [InlineData(AgbCodeLanguage.Javascript, "while (true);", "1")]
    [InlineData(AgbCodeLanguage.Java, "while (true) { Thread.sleep(1000); }", "System.out.print(1);")]
    [InlineData(AgbCodeLanguage.R, "repeat {}", "1")]
    public async Task Code_that_runs_over_its_time_is_ended(AgbCodeLanguage language, string code, string next)
    {
        var session = await StartAsync();
        // Start the interpreter before the time limit.
        await CodeAsync(session, language, next);
        var result = await CodeAsync(session, language, code, TimeSpan.FromSeconds(3));
        result.TimedOut.ShouldBeTrue();
        result.Success.ShouldBeFalse();
        result.Error.ShouldNotBeNull().ShouldContain("3 s");
        (await SucceedsAsync(session, language, next)).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task Files_are_shared_with_commands()
    {
        var session = await StartAsync();
        await SucceedsAsync(session, AgbCodeLanguage.Python, "open('/tmp/from-code', 'w').write('content')");
        (await ShellAsync(session, "cat /tmp/from-code")).ShouldBe("content");
        (await SucceedsAsync(session, AgbCodeLanguage.Python, "import os\nprint(os.getcwd() == os.environ['HOME'])")).Stdout.ShouldBe("True\n");
    }

    [Theory]
    [InlineData("import java.util.List;\nSystem.out.println(List.of(1, 2));", "[1, 2]\n")]
    [InlineData("public class Other { public static void main(String[] args) { System.out.println(3); } }", "3\n")]
    public async Task Java_takes_statements_with_imports_and_whole_classes(string code, string stdout) =>
        (await SucceedsAsync(await StartAsync(), AgbCodeLanguage.Java, code)).Stdout.ShouldBe(stdout);

    [Theory]
    [InlineData("console.log(require('path').basename('/a/b'))", "b\n")]
    [InlineData("import path from 'path'; console.log(path.basename('/a/b'))", "b\n")]
    [InlineData("console.log(await Promise.resolve('b'))", "b\n")]
    [InlineData("setTimeout(() => console.log('b'), 20)", "b\n")]
    public async Task JavaScript_takes_scripts_and_modules(string code, string stdout) =>
        (await SucceedsAsync(await StartAsync(), AgbCodeLanguage.Javascript, code)).Stdout.ShouldBe(stdout);

    [Fact]
    public async Task Code_in_a_session_that_is_gone_is_refused()
    {
        var session = await StartAsync();
        await ReleaseAsync(session);
        await FailsAsync(
            AgbErrorIds.SessionNotFound, () => Service.RunCodeAsync(session, new AgbCodeRequest { Code = "1" }, Token));
    }

    [Theory]
    [InlineData("", AgbCodeLanguage.Python)]
    [InlineData(" \n", AgbCodeLanguage.R)]
    [InlineData("1", (AgbCodeLanguage)99)]
    public async Task Bad_code_is_refused(string code, AgbCodeLanguage language)
    {
        var session = await StartAsync();
        await RefusesAsync(
            AgbErrorIds.InvalidCode,
            () => Service.RunCodeAsync(session, new AgbCodeRequest { Code = code, Language = language }, Token));
    }
}
