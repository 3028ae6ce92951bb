using System.Text;

namespace Agb.Engine.Tests.Desktops;

/// <summary>Answers of desktop scripts, without a desktop: programs of the session can write anything in them.</summary>
public sealed class DesktopAnswerTests
{
    private static readonly AgbCommandRequest s_request = DesktopRunner.Request(["windows"], ["no"]);

    [Fact]
    public void The_words_of_a_failure_are_short()
    {
        var error = DesktopRunner.Failure(Outcome(90, new string('x', 1_000_000) + " the end"), s_request, "s");

        error.Message.Length.ShouldBeLessThan(2100);
        error.Message.ShouldEndWith("the end");
    }

    [Fact]
    public void Answers_are_limited_and_a_longer_one_is_said()
    {
        s_request.MaxOutputBytes.ShouldBe(2 * 1024 * 1024);
        DesktopRunner.Failure(Outcome(0, "") with { StdoutTruncated = true }, s_request, "s").Message.ShouldContain("too long");
    }

    [Theory]
    [InlineData(DesktopScript.NoApp, "0x2a", "xterm")]
    [InlineData(DesktopScript.NotSo, "77", "xterm")]
    [InlineData(DesktopScript.NotSo, "0x2a", 42L)]
    [InlineData(DesktopScript.Failed, "77", "xterm")]
    [InlineData(DesktopScript.NoWindow, "0x2a", 42L)]
    public void A_failure_names_its_target(int exitCode, string argument, object target) =>
        DesktopRunner.Failure(Outcome(exitCode, "why"), DesktopRunner.Request(["window"], [argument]), "xterm").Target.ShouldBe(target);

    [Fact]
    public void Lines_of_a_listing_that_can_not_be_read_are_left_out()
    {
        const string Listing = """
            _NET_ACTIVE_WINDOW(WINDOW): window id # 0xzz
            _NET_ACTIVE_WINDOW(WINDOW): window id # 0x
            position 0xfffffffffffffffffff 1 2 3 4
            position x 1 2 3 4
            position 0x2a 10 20 30 40
            window 0xfffffffffffffffffff
            window x
            window 0x2a
            process 7
            command 7
            _NET_WM_NAME(STRING) = 0x41, 0xfffffffffffffffffff, 0x42
            _NET_WM_PID(CARDINAL) = 99999999999999999999
            """;

        var window = DesktopListing.Parse(Listing, "s", null!).Windows.ShouldHaveSingleItem();

        (window.WindowId, window.X, window.Title, window.ProcessId, window.ProcessName).ShouldBe((42, 30, "A?B", 0, ""));
    }

    [Fact]
    public void A_key_without_a_name_is_an_error()
    {
        // Attributes can't hold half a surrogate pair.
        foreach (var name in new[] { null, "", "\ud800", "\udc00x", "\ud800\ud800" })
        {
            Should.Throw<AgbException>(() => DesktopKeys.Keysym(name, out _)).ErrorId.ShouldBe(AgbErrorIds.InvalidDesktopAction);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("word")]
    [InlineData("a b\nX=1\nY=2\n")]
    [InlineData("1 2\nX=1\nY=99999999999\n")]
    public void An_answer_that_can_not_be_read_is_an_error(string answer)
    {
        Unreadable(() => DesktopAnswer.Screen(answer));
        if (!answer.StartsWith("1 2", StringComparison.Ordinal))
        {
            Unreadable(() => DesktopAnswer.Picture(Encoding.UTF8.GetBytes(answer), AgbPictureFormat.Png));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("word\n")]
    public void A_short_answer_of_a_start_is_an_error(string answer) => Unreadable(() => DesktopAnswer.Launched(answer));

    [Fact]
    public void An_answer_of_a_start_becomes_arguments() => DesktopAnswer.Launched("0x1\n0x2\n77 /log\n").ShouldBe(["77", "/log", "0x1", "0x2"]);

    private static void Unreadable(Action read) => Should.Throw<AgbException>(read).ErrorId.ShouldBe(AgbErrorIds.DesktopFailed);

    private static CommandOutcome Outcome(int exitCode, string stderr) =>
        new() { ExitCode = exitCode, Stdout = [], Stderr = Encoding.UTF8.GetBytes(stderr), Duration = TimeSpan.Zero };
}
