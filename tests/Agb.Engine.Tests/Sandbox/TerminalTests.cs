using System.Text;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Interactive shells on terminals of the sandbox's own.</summary>
public sealed class TerminalTests : SandboxTest
{
    // Quoted in two parts, so that the echo of what is typed is not taken for the answer.
    private const string Mark = "ma''rk";

    [Fact]
    public async Task A_shell_has_a_terminal_with_a_name_and_a_size()
    {
        var session = await StartAsync();
        await using var terminal = await OpenAsync(session, new AgbTerminalRequest { Size = new(111, 37), TerminalType = "xterm" });
        var shown = await AskAsync(terminal, "tty; stty size; echo $TERM; pwd; id -u; ls -l $(tty)");
        shown.ShouldContain("/dev/pts/0\r\n37 111\r\nxterm\r\n/home/code\r\n1000\r\n");
        shown.ShouldContain("agb agb 136, 0");
        await terminal.ResizeAsync(new(90, 25), Token);
        (await AskAsync(terminal, "stty size")).ShouldContain("25 90\r\n");
    }

    [Fact]
    public async Task Control_c_interrupts_the_program_in_front_and_not_the_shell()
    {
        var session = await StartAsync();
        await using var terminal = await OpenAsync(session);
        await TypeAsync(terminal, "sleep 1000\n");
        await session.WaitUntilAsync("pgrep -x sleep -a | grep -q 1000");
        await TypeAsync(terminal, "\u0003");
        (await AskAsync(terminal, "echo code $?")).ShouldContain("code 130\r\n");
        // Job control: the shell puts programs in front and back.
        await TypeAsync(terminal, "sleep 1000\n");
        await session.WaitUntilAsync("pgrep -x sleep -a | grep -q 1000");
        await TypeAsync(terminal, "\u001a");
        (await AskAsync(terminal, "jobs; kill %1")).ShouldContain("Stopped");
    }

    [Fact]
    public async Task Exit_ends_the_terminal_with_the_shells_code()
    {
        var session = await StartAsync();
        await using var terminal = await OpenAsync(session);
        await TypeAsync(terminal, "exit 7\n");
        (await ReadAllAsync(terminal)).ShouldContain("exit");
        (await terminal.ExitCode.WaitAsync(Token)).ShouldBe(7);
        await TypeAsync(terminal, "nobody reads this");
        await terminal.ResizeAsync(new(10, 10), Token);
    }

    [Fact]
    public async Task A_background_process_that_goes_on_writing_does_not_hold_up_the_end()
    {
        var session = await StartAsync();
        await using var terminal = await OpenAsync(session);
        await TypeAsync(terminal, "(trap '' HUP; yes) & exit\n");
        await ReadAllAsync(terminal);
        (await terminal.ExitCode.WaitAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Disposing_ends_the_shell_and_all_that_it_started()
    {
        var session = await StartAsync();
        var terminal = await OpenAsync(session);
        await TypeAsync(terminal, "sleep 1000 & (setsid sleep 1000 &); sleep 1000\n");
        await session.WaitUntilAsync("[ $(pgrep -x sleep -c) -ge 3 ]");
        await terminal.DisposeAsync();
        (await session.RunAsync("pgrep -x sleep")).ExitCode.ShouldBe(1);
        (await session.RunAsync("ps -e -o args= | grep -x '/bin/bash -i'")).ExitCode.ShouldBe(1);
        await terminal.DisposeAsync();
    }

    [Fact]
    public async Task A_writer_is_freed_when_nobody_reads_the_keys()
    {
        var session = await StartAsync();
        var terminal = await OpenAsync(session);
        await AskAsync(terminal, "stty raw -echo; echo ready");
        await TypeAsync(terminal, "sleep 1000\n");
        await session.WaitUntilAsync("pgrep -x sleep");
        var write = Task.Run(async () => await terminal.WriteAsync(new byte[1_000_000], Token), Token);
        (await Task.WhenAny(write, Task.Delay(100, Token))).ShouldNotBe(write);
        await terminal.DisposeAsync();
        await write;
    }

    [Fact]
    public async Task A_shell_holds_no_more_rights_than_a_command()
    {
        var session = await StartAsync();
        const string Rights = "grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Uid|Gid|Groups|Seccomp)' /proc/self/status; ls /proc/self/fd | tr '\\n' ' '";
        var expected = await session.OutputAsync(Rights + " > /tmp/rights; cat /tmp/rights");
        await using var terminal = await OpenAsync(session);
        (await AskAsync(terminal, Rights + " > /tmp/rights2; cat /tmp/rights2")).Replace("\r\n", "\n").ShouldContain(expected);
    }

    [Fact]
    public async Task Says_when_the_working_directory_does_not_exist()
    {
        var session = await StartAsync();
        var error = await Should.ThrowAsync<AgbException>(OpenAsync(session, new AgbTerminalRequest { WorkingDirectory = "/no/such" }));
        error.ErrorId.ShouldBe(AgbErrorIds.WorkingDirectoryNotFound);
        await Driver.StopAsync(session.Handle, Token);
        (await Should.ThrowAsync<AgbException>(OpenAsync(session))).ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }

    private Task<IAgbTerminal> OpenAsync(TestSession session, AgbTerminalRequest? request = null) =>
        Driver.OpenTerminalAsync(session.Handle, session.Spec.Image, request ?? new AgbTerminalRequest(), Token);

    private static ValueTask TypeAsync(IAgbTerminal terminal, string keys) => terminal.WriteAsync(Encoding.UTF8.GetBytes(keys), Token);

    /// <summary>Types a command and reads until it has ended.</summary>
    private static async Task<string> AskAsync(IAgbTerminal terminal, string command)
    {
        await TypeAsync(terminal, $"{command}; echo {Mark}\n");
        var shown = new StringBuilder();
        var buffer = new byte[1000];
        while (!shown.ToString().Contains("mark", StringComparison.Ordinal))
        {
            var count = await terminal.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
            count.ShouldBeGreaterThan(0, shown.ToString());
            shown.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        return shown.ToString();
    }

    private static async Task<string> ReadAllAsync(IAgbTerminal terminal)
    {
        var shown = new MemoryStream();
        var buffer = new byte[1000];
        while (await terminal.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token) is var count and > 0)
        {
            shown.Write(buffer, 0, count);
        }
        return Encoding.UTF8.GetString(shown.ToArray());
    }
}
