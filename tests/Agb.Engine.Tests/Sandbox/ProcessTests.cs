using System.Text;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Starting and reading processes.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData("12 (sh) S 7 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99 0 0", 12, 7, 'S', 99)]
    [InlineData("12 (a) b (c d) Z 7 12 12 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 99 0 0", 12, 7, 'Z', 99)]
    public void Reads_a_stat_line_whatever_the_name(string line, int pid, int parent, char state, long startTime)
    {
        var entry = ProcessTable.ParseStat(line).ShouldNotBeNull();
        (entry.Pid, entry.ParentPid, entry.State, entry.StartTime).ShouldBe((pid, parent, state, startTime));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 sh S 7")]
    [InlineData("12 (sh) S 7")]
    public void Rejects_a_stat_line_that_is_not_one(string line) => ProcessTable.ParseStat(line).ShouldBeNull();

    [Fact]
    public void Knows_this_process()
    {
        var self = ProcessTable.TryRead(Environment.ProcessId).ShouldNotBeNull();
        self.HasEnded.ShouldBeFalse();
        ProcessTable.IsAlive(self.Pid, self.StartTime).ShouldBeTrue();
        ProcessTable.IsAlive(self.Pid, self.StartTime + 1).ShouldBeFalse();
        ProcessTable.ReadNamespaceDepth(self.Pid).ShouldBeGreaterThanOrEqualTo(1);
        ProcessTable.TryRead(int.MaxValue).ShouldBeNull();
        PidFd.TryOpen(int.MaxValue).ShouldBeNull();
        ProcessTable.ReadOwnFileMask().ShouldNotBeNull().Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_tag_is_inherited_and_leaves_this_process_untouched()
    {
        var before = OwnLimit();
        var tag = ProcessTag.New();
        ProcessTag.New().ShouldNotBe(tag);
        var result = await RunAsync(["/bin/sh", "-c", "sh -c 'grep locks /proc/self/limits'"], tag);
        Encoding.UTF8.GetString(result.Stdout.Bytes).ShouldContain(tag.ToString());
        OwnLimit().ShouldBe(before);

        // Not while another test starts a marked process: this one carries that mark for the moment.
        static ulong? OwnLimit()
        {
            ulong? limit = null;
            ProcessTag.While(null, () => limit = ProcessTable.ReadLockLimit(Environment.ProcessId));
            return limit;
        }
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_an_error_with_its_errno()
    {
        var error = await Should.ThrowAsync<IOException>(RunAsync(["/no/such/program"]));
        error.HResult.ShouldBe(Errno.ENOENT);
        error.Message.ShouldContain("/no/such/program");
    }

    [Fact]
    public async Task A_program_has_a_session_of_its_own()
    {
        var result = await RunAsync(["/bin/sh", "-c", "cut -d' ' -f1,5,6 /proc/$$/stat"]);
        var fields = Encoding.UTF8.GetString(result.Stdout.Bytes).Trim().Split(' ');
        fields.Distinct().Count().ShouldBe(1, "pid, process group and session are the same");
    }

    [Fact]
    public async Task Arguments_and_environment_arrive_as_they_are()
    {
        string[] values = ["", " ", "a b", "'\"$x\\", "ä\n", "*"];
        var result = await ProcessRun.RunAsync(
            new ProcessRunRequest
            {
                Arguments = ["/usr/bin/printf", "[%s]", .. values],
                Environment = ["LC_ALL=C"],
                Timeout = TimeSpan.FromSeconds(10),
            },
            TestContext.Current.CancellationToken);
        Encoding.UTF8.GetString(result.Stdout.Bytes).ShouldBe(string.Concat(values.Select(v => $"[{v}]")));
        result = await RunAsync(["/usr/bin/env"]);
        Encoding.UTF8.GetString(result.Stdout.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(HostTools.Environment);
    }

    [Fact]
    public async Task Leaves_no_descriptor_open()
    {
        await RunAsync(["/bin/true"]);
        var before = Count();
        for (var i = 0; i < 50; i++)
        {
            await RunAsync(["/bin/echo", "x"]);
        }
        // Other tests run beside this one and have some of their own.
        Count().ShouldBeLessThan(before + 50);

        static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
    }

    [Fact]
    public void A_descriptor_whose_number_another_takes_arrives_all_the_same()
    {
        var (read, write) = ProcessDescriptor.Pipe();
        using (read)
        {
            using (write)
            {
                // All numbers below the last are taken by /dev/null, the pipe's own among them.
                var streams = new System.Runtime.InteropServices.SafeHandle?[write.Number + 2];
                streams[^1] = write;
                var last = streams.Length - 1;
                ProcessSpawn.Discard(ProcessSpawn.Start(["/bin/bash", "-c", $"echo here >&{last}"], HostTools.Environment, streams));
            }
            Span<byte> said = stackalloc byte[16];
            Encoding.UTF8.GetString(said[..read.Read(said)]).ShouldBe("here\n");
        }
    }

    private static Task<ProcessRunResult> RunAsync(IReadOnlyList<string> arguments, ulong? tag = null) =>
        ProcessRun.RunAsync(
            new ProcessRunRequest { Arguments = arguments, Environment = HostTools.Environment, Timeout = TimeSpan.FromSeconds(10), Tag = tag },
            TestContext.Current.CancellationToken);
}
