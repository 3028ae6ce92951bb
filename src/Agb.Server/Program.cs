using Agb.Server.Doctor;
using Agb.Server.Fsck;

namespace Agb.Server;

/// <summary>The command line of Agb.Server.</summary>
internal static class Program
{
    private const int UsageError = 2;

    private static async Task<int> Main(string[] arguments)
    {
        using var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            // The first Ctrl+C ends the work in good order; a second one ends the process.
            e.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        };
        switch (arguments)
        {
            case ["doctor"]:
                return await new DoctorCommand(Console.Out).RunAsync(install: true, interrupted.Token).ConfigureAwait(false);
            case ["doctor", "--no-install"]:
                return await new DoctorCommand(Console.Out).RunAsync(install: false, interrupted.Token).ConfigureAwait(false);
            case ["fsck", .. var rest]:
                if (FsckOptions.Parse(rest, out var error) is { } options)
                {
                    return await FsckCommand.RunAsync(options, Console.Out, interrupted.Token).ConfigureAwait(false);
                }
                await Console.Error.WriteLineAsync(error).ConfigureAwait(false);
                PrintUsage(Console.Error);
                return UsageError;
            case [] or ["help"] or ["--help"] or ["-h"]:
                PrintUsage(Console.Out);
                return 0;
            default:
                await Console.Error.WriteLineAsync($"Not a command: {string.Join(' ', arguments)}").ConfigureAwait(false);
                PrintUsage(Console.Error);
                return UsageError;
        }
    }

    private static void PrintUsage(TextWriter output) => output.WriteLine(
        $"""
        Usage: dotnet run --project src/Agb.Server -- COMMAND

          doctor [--no-install]   Checks what this host can do, installs what is missing where it may,
                                  then carries data from one session to another and says whether it arrived.
                                  Exit code: 0 the data arrived, 1 it did not, 2 wrong usage.
        {FsckOptions.Usage}
        """);
}
