"""What every package of the platform truly shares: settings, clock, client registry, database, money, migrations.

Imports no other package of this repository.
"""
