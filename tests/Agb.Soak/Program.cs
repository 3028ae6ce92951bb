using System.Globalization;
using Agb.Soak;
using Agb.Soak.PowerCuts;
using Agb.Soak.Server;

// Several processes edit, sync and release sessions, change files without one, restore and clear, while they are killed at random;
// what the store holds is compared with what they were told.
//   soak SECONDS [WORKERS] [SEED]      runs, and prints figures; exit code 0 only if nothing was lost and the store is sound
//                                      (as the next two, with --page FILE before the rest: puts the figures into that page of docs)
//   server SECONDS [CLIENTS] [SEED] [HANDLES]
//                                      drives a server beyond its limits, or beyond a limit of open files; exit code 0 only if nothing
//                                      is left and nothing went wrong
//   power-cuts [--cuts N] [--seed N] [--without-flush]
//                                      cuts the power of a store under load; exit code 0 only if nothing acknowledged was lost
//   worker HOME CONTEXT NAME SEED LOG  one of the processes
string? page = null;
if (args is [var mode, "--page", var file, .. var others])
{
    (page, args) = (Path.GetFullPath(file), [mode, .. others]);
}
switch (args)
{
    case ["worker", var home, var context, var name, var seed, var log]:
        return await new Worker(home, context, name, int.Parse(seed, CultureInfo.InvariantCulture), log).RunAsync();
    case ["soak", var seconds, .. var rest]:
        var workers = rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 4;
        var soakSeed = rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : Random.Shared.Next();
        return await new Soak(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), workers, soakSeed, page).RunAsync(Console.Out);
    case ["server", var seconds, .. var rest]:
        var clients = rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 32;
        var serverSeed = rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : Random.Shared.Next();
        int? handles = rest.Length > 2 ? int.Parse(rest[2], CultureInfo.InvariantCulture) : null;
        return await new ServerSoak(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), clients, serverSeed, handles, page).RunAsync(Console.Out);
    case ["power-cuts", .. var options]:
        _ = PowerCuts.Of(options, page);
        return await PowerCuts.RunApartAsync(page is null ? options : ["--page", page, .. options]);
    case ["power-cuts-apart", .. var options]:
        return await PowerCuts.Of(options, page).RunAsync(Console.Out);
    case ["power-cut-check", var home, var expected]:
        return await new CutCheck(home, CutJournal.Load(expected)).RunAsync(Console.Out);
    default:
        Console.Error.WriteLine("Usage: soak [--page FILE] SECONDS [WORKERS] [SEED] | server [--page FILE] SECONDS [CLIENTS] [SEED] [HANDLES] | power-cuts [--page FILE] [--cuts N] [--seed N] [--without-flush]");
        return 2;
}
