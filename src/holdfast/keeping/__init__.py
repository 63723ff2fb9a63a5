"""What keeping needs beside a vault and an export: where this device's log stands, and what it stored before."""
