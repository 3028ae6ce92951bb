namespace Agb.Engine;

public sealed partial class EmbeddedService
{
    /// <summary>Recovers now, and waits for that and for the releases that it finds due.</summary>
    internal Task RecoverAsync() => _housekeeping.RecoverAsync();

    /// <summary>Waits until all is done that was begun beside the calls.</summary>
    internal Task SettleAsync() => _housekeeping.SettleAsync();
}
