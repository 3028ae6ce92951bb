using System.Text;
using Agb.Conformance;

namespace Agb.Cloud.Tests.Conformance;

/// <summary>A terminal in a session, through a client and a server.</summary>
[RunsOn(Services.Server)]
public sealed class ServerTerminalTests : ServiceTest
{
    private ITerminalService Terminals => (ITerminalService)Service;

    [Fact]
    public async Task What_is_typed_is_run_and_what_is_shown_is_read_until_the_shell_ends()
    {
        var session = await StartAsync();
        await using var terminal = await Terminals.OpenTerminalAsync(
            session, new AgbTerminalRequest { Size = new AgbTerminalSize(100, 30), WorkingDirectory = "/tmp" }, Token);
        await TypeAsync(terminal, "stty size; pwd; echo $((6*7))\n");
        await ShownAsync(terminal, "30 100", "/tmp", "42");
        await terminal.ResizeAsync(new AgbTerminalSize(90, 20), Token);
        await TypeAsync(terminal, "stty size\n");
        await ShownAsync(terminal, "20 90");
        await TypeAsync(terminal, "exit 7\n");
        var buffer = new byte[4096];
        while (await terminal.ReadAsync(buffer, Token) > 0)
        {
        }
        (await terminal.ExitCode).ShouldBe(7);
        await TypeAsync(terminal, "dropped\n");
    }

    [Fact]
    public async Task Disposing_ends_the_shell()
    {
        var session = await StartAsync();
        await using (var terminal = await Terminals.OpenTerminalAsync(session, new AgbTerminalRequest(), Token))
        {
            await TypeAsync(terminal, "sleep 7007\n");
            await Eventually.HoldsAsync("the sleep runs", async () => await CountAsync(session) == "1");
        }
        await Eventually.HoldsAsync("the sleep is gone", async () => await CountAsync(session) == "0");
    }

    [Fact]
    public async Task A_session_that_is_not_there_is_refused_with_all_that_the_error_says()
    {
        var error = await FailsAsync(AgbErrorIds.SessionNotFound, () => Terminals.OpenTerminalAsync(new SessionId("s-none"), new AgbTerminalRequest(), Token));
        error.Message.ShouldContain("s-none");
        error.Remedy.ShouldBe("List the sessions, or create one.");
        error.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_working_directory_that_is_not_there_is_refused()
    {
        var session = await StartAsync();
        await FailsAsync(
            AgbErrorIds.WorkingDirectoryNotFound,
            () => Terminals.OpenTerminalAsync(session, new AgbTerminalRequest { WorkingDirectory = "/no/such" }, Token));
    }

    private static async Task TypeAsync(IAgbTerminal terminal, string text) => await terminal.WriteAsync(Encoding.UTF8.GetBytes(text), Token);

    // Reads until all of it was shown.
    private static async Task ShownAsync(IAgbTerminal terminal, params string[] expected)
    {
        var shown = new StringBuilder();
        var buffer = new byte[4096];
        while (!expected.All(e => shown.ToString().Contains(e)))
        {
            var count = await terminal.ReadAsync(buffer, Token).AsTask().WaitAsync(Patience, Token);
            count.ShouldBeGreaterThan(0, $"the shell ended after: {shown}");
            shown.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    private Task<string> CountAsync(AgbSession session) =>
        ShellAsync(session, "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep [7]007' || true");
}
