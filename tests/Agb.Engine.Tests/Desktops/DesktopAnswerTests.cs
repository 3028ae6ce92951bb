using System.Text;

namespace Agb.Engine.Tests.Desktops;

/// <summary>Answers of desktop scripts, without a desktop: programs of the session can write anything in them.</summary>
public sealed class DesktopAnswerTests
{
    private static readonly AgbCommandRequest s_request = DesktopRunner.Request(["windows"], ["no"]);

    [Fact]
    public void The_words_of_a_failure_are_short()
    {
        var error = DesktopRunner.Failure(Outcome(90, new string('x', 1_000_000) + " the end"), s_request);

        error.Message.Length.ShouldBeLessThan(2100);
        error.Message.ShouldEndWith("the end");
    }

    [Fact]
    public void Answers_are_limited_and_a_longer_one_is_said()
    {
        s_request.MaxOutputBytes.ShouldBe(2 * 1024 * 1024);
        DesktopRunner.Failure(Outcome(0, "") with { StdoutTruncated = true }, s_request).Message.ShouldContain("too long");
    }

    private static CommandOutcome Outcome(int exitCode, string stderr) =>
        new() { ExitCode = exitCode, Stdout = [], Stderr = Encoding.UTF8.GetBytes(stderr), Duration = TimeSpan.Zero };
}
