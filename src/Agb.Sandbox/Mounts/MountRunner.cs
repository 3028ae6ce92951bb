namespace Agb.Sandbox;

/// <summary>Runs the calls of <see cref="MountCalls"/>: root's engine in a thread of its own, an ordinary user's by perl. The kernel lets
/// only a process with a single thread enter a user namespace (setns(2)).</summary>
internal static class MountRunner
{
    /// <summary>The program for an ordinary user's mounts.</summary>
    public const string Helper = "perl";

    // Its last line: the failed step and the error.
    private const string Script =
        """
        my (@results, @call);
        for my $word (@ARGV) {
            if ($word ne '.') { push @call, $word; next }
            my ($number, $tolerated, @arguments) = @call;
            @call = ();
            my @values = map {
                my ($kind, $value) = (substr($_, 0, 1), substr($_, 1));
                $kind eq 'x' ? pack('H*', $value) : $kind eq 'r' ? 0 + $results[$value] : 0 + $value
            } @arguments;
            my $result = syscall(0 + $number, @values);
            my $error = 0 + $!;
            if ($result == -1 && !grep { $_ == $error } split(/,/, $tolerated)) {
                print scalar(@results), ' ', $error;
                exit 1;
            }
            push @results, $result;
        }
        """;

    /// <summary>Runs the calls.</summary>
    /// <returns>The failed call, or null.</returns>
    /// <exception cref="AgbException">HostNotReady: the helper is missing.</exception>
    public static SyscallProgram.Failure? Run(SyscallProgram program)
    {
        SyscallProgram.Failure? failure = null;
        if (SandboxIdentity.IsRoot)
        {
            SpawnThread.Run(() => failure = program.Run());
            return failure;
        }
        var perl = HostTools.Find(Helper) ?? throw HostErrors.Missing([Helper]);
        var (answer, output) = ProcessDescriptor.Pipe();
        using (answer)
        {
            int pid;
            using (output)
            {
                pid = ProcessSpawn.Start(
                    [perl, "-f", "-e", Script, .. program.ToWords()], HostTools.Environment, [null, output, output, .. program.Handles]);
            }
            var text = ReadAll(answer);
            var (exitCode, _) = ProcessSpawn.Reap(pid);
            if (exitCode == 0)
            {
                return null;
            }
            var words = text.Split(' ');
            return words.Length == 2 && int.TryParse(words[0], CultureInfo.InvariantCulture, out var step) && int.TryParse(words[1], CultureInfo.InvariantCulture, out var errno)
                ? program.FailureOf(step, errno)
                : throw new IOException($"{perl} ended with {exitCode}: {text.Trim()}");
        }
    }

    private static string ReadAll(ProcessDescriptor answer)
    {
        var buffer = new byte[1024];
        var count = 0;
        while (count < buffer.Length && answer.Read(buffer.AsSpan(count)) is var read and > 0)
        {
            count += read;
        }
        return Encoding.UTF8.GetString(buffer, 0, count);
    }
}
